"""A notebook's page as nbconvert writes it, with the three files that it asks other hosts for served from here."""

from nbconvert import HTMLExporter

from support.web import web


def exported(notebook, path):
    """nbconvert's page; mathematics is left out, because that comes from another host."""
    page, _ = HTMLExporter(mathjax_url="").from_notebook_node(notebook)
    path.write_text(page, "utf-8")
    return path.as_uri()


def serve(page, manager, anywidget):
    """Answer what the page asks other hosts for from local files; returns what it asked for.

    `manager` is the file of jupyter-widgets' manager, which fits a major version of ipywidgets; `anywidget` is the path
    of anywidget's module.
    """
    parts = {"require": web("require.js"), "embed-amd": web(manager), "anywidget": anywidget}
    asked = []

    def answer(route):
        name = next((name for name in parts if name in route.request.url.removeprefix("https://unpkg.com/")), None)
        asked.append(name)
        if name is None:
            route.abort()
        else:
            headers = {"Access-Control-Allow-Origin": "*", "Content-Type": "text/javascript"}
            route.fulfill(path=parts[name], headers=headers)

    page.route(lambda url: url.startswith("http"), answer)
    page.watch.allow("request to another host: https://(cdnjs|unpkg|cdn.jsdelivr)")
    page.watch.allow("ERR_FILE_NOT_FOUND.*/anywidget.js")  # the manager looks beside the page first
    return asked
