// Python, away from the page: the page stays alive while it starts and while a function runs, and can end it.

{
  /** @type {any} */
  const scope = self;
  const say = (/** @type {Record<string, any>} */ message) => scope.postMessage(message);
  const tell = (/** @type {string} */ doing) => say({ kind: "doing", doing });

  /** @param {{pyodide: string, packages: string[], wheels: string[]}} site where things are, from this file */
  async function begin({ pyodide: folder, packages, wheels }) {
    const at = (/** @type {string} */ name) => new URL(folder + name, scope.location.href).href;
    tell("Python is starting");
    const fetched = wheels.map((name) => fetch(at(name)).then((answer) => (answer.ok ? answer.arrayBuffer() : Promise.reject(Error(`${name}: ${answer.status}`)))));
    scope.importScripts(at("pyodide.js"));
    const pyodide = await scope.loadPyodide({ indexURL: at(""), packages });
    for (const wheel of await Promise.all(fetched)) pyodide.unpackArchive(wheel, "wheel");
    tell("The lab is loading");
    const run = pyodide.pyimport("backprop_lab.site.plain_run");
    run.begin((/** @type {string} */ text) => say(JSON.parse(text)));
    return run;
  }

  /** @type {Promise<any>} */
  let ready;
  const work = {
    begin: (/** @type {any} */ { site }) => {
      ready = begin(site);
      ready.then(() => say({ kind: "ready" }), (error) => say({ kind: "broken", error: String(error.message ?? error) }));
    },
    run: async (/** @type {any} */ { number, source, inputs, mode, predict }) => {
      const run = await ready;
      say({ kind: "shown", number, ...JSON.parse(run.run(source, inputs, mode, predict)) });
    },
    take: async (/** @type {any} */ { id, given }) => (await ready).take(id, JSON.stringify(given)),
  };
  scope.onmessage = (/** @type {MessageEvent} */ { data }) => /** @type {any} */ (work)[data.kind](data);
}
