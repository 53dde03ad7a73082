"""What a notebook's cells show, whether the committed one shows it, and which figures of the curriculum are lost."""

import base64
import html
import re
import unicodedata


def text_of(cell):
    """All text that a cell shows, with the texts in its pictures, one a line, and their text alternatives."""
    shown, printing = [], None
    for output in cell.get("outputs", []):
        data = output.get("data", {})
        if output.get("output_type") == "stream" == printing:  # a busy machine sends what is printed in more pieces
            shown[-1] += output["text"]
            continue
        printing = output.get("output_type")
        shown += [data.get("text/plain", ""), output.get("text", "")]
        if printing == "stream":
            continue
        shown += [html.unescape(alt) for alt in re.findall(r'alt="([^"]*)"', data.get("text/html", ""))]
        images = re.findall('data:image/svg.xml;base64,([^"]+)', data.get("text/html", ""))
        pictures = [base64.b64decode(image).decode("utf-8") for image in images] + [data.get("image/svg+xml", "")]
        for svg in pictures:
            words = re.sub(r"<style.*?</style>|<title.*?</title>|</?tspan[^>]*>", "", svg, flags=re.S)
            shown.append(html.unescape(re.sub(r"<[^>]*>", "\n", words)))
    return "\n".join(shown)


def position(text, figure, start=0):
    """Where a text shows a figure, or −1; 14 is not shown by 140, 3.14 or −14."""
    before = r"(?<![\d.−-])" if figure[0].isdigit() else ""
    after = r"(?!\.?\d)" if figure[-1].isdigit() else ""
    figure, text = (unicodedata.normalize("NFC", part) for part in (figure, text))  # a bar is a letter's or its own
    found = re.compile(before + re.escape(figure) + after).search(text, start)
    return found.start() if found else -1


def lost(cells, place):
    """What a place of the curriculum's table misses in a notebook's cells."""
    found = [cell for cell in cells if cell.cell_type == "code" and place.source in cell.source]
    if len(found) != 1:
        return [f"{len(found)} cells with {place.source!r}"]
    text, start, missing = text_of(found[0]), 0, []
    for figure in place.figures:
        at = position(text, figure, start)
        if at < 0:
            missing.append(figure)
        elif place.in_order:
            start = at + 1
    return missing


def unlike(committed, fresh):
    """What a fresh run complains of, or shows that the committed notebook does not; of pictures only the plain text."""
    found = []
    for old, new in zip(committed.cells, fresh.cells, strict=True):
        outputs = new.get("outputs", [])
        found += [output for output in outputs if output.output_type == "error" or output.get("name") == "stderr"]
        if plain_texts(old) != plain_texts(new):
            found.append((old.source, plain_texts(old), plain_texts(new)))
    return found


def plain_texts(cell):
    """The plain text of each output; pictures' coordinates depend on the machine's Graphviz."""
    return [output.get("text") or output.get("data", {}).get("text/plain") for output in cell.get("outputs", [])]
