// What an output does that brings the code: unpack it and run it, unless another output of the page has done so.
(async () => {
  const name = "%NAME%";
  if (customElements.get(name)) return;
  const bytes = Uint8Array.from(atob("%CODE%"), (sign) => sign.charCodeAt(0));
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate"));
  document.head.append(Object.assign(document.createElement("script"), { textContent: await new Response(stream).text() }));
})();
