"""A flat picture painted by matplotlib, for PNG, PDF and the frames of a GIF. Loaded only when one is saved.

One unit of the SVG becomes one point. The font is DejaVu Sans, which matplotlib brings along, so a picture looks the
same on every machine; it has the bars, dots and signs that formulas need. What it lacks is taken from a font of the
machine, or shows as a box.
"""

from __future__ import annotations

import re
import warnings
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from io import BytesIO
from typing import Literal

import matplotlib
import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.backends.backend_pdf import PdfPages
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties, fontManager
from matplotlib.patches import PathPatch
from matplotlib.path import Path
from matplotlib.text import Text
from matplotlib.textpath import TextToPath
from matplotlib.transforms import Affine2D, Transform
from PIL import Image

from ..drawing.strokes import rounded
from .flat import Element

POINTS = 72.0
SPACE = 0.318  # how wide DejaVu Sans sets a space, in ems
ROUND = 0.5523  # how far a quarter of a circle's control points are from its ends, for the radius 1
# Fonts with the scripts that DejaVu Sans lacks, on Linux, macOS and Windows: for a student's names.
WIDER = ["Noto Sans CJK JP", "Noto Sans CJK SC", "Noto Sans", "WenQuanYi Zen Hei", "Hiragino Sans", "PingFang SC"]
WIDER += ["Apple SD Gothic Neo", "Yu Gothic", "Microsoft YaHei", "Malgun Gothic", "Nirmala UI", "Arial Unicode MS"]


Colours = np.ndarray[tuple[int, ...], np.dtype[np.int32]]
BAR = "\u0305"  # what notation.py puts over each letter of a word
SIDES: dict[str, Literal["left", "center", "right"]] = {"start": "left", "middle": "center", "end": "right"}


@contextmanager
def _plain() -> Iterator[None]:
    """matplotlib as it came: a person's own style must not draw our picture as a sketch."""
    with matplotlib.rc_context(), warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="(?s)Glyph .* missing from")
        matplotlib.rcdefaults()
        matplotlib.rcParams["pdf.fonttype"] = 42  # letters stay letters: they can be searched and copied
        yield


def png(picture: Element, scale: float) -> bytes:
    """The picture with `scale` pixels a unit."""
    out = BytesIO()
    with _plain():
        figure = _figure(picture)
        figure.savefig(out, format="png", dpi=POINTS * scale, facecolor="none", metadata={"Software": None})
    return out.getvalue()


def pdf(pictures: Iterable[Element], title: str) -> bytes:
    """A page for each picture."""
    out = BytesIO()
    with _plain(), PdfPages(out, metadata={"Title": title, "Creator": None, "CreationDate": None}) as pages:
        for picture in pictures:
            pages.savefig(_figure(picture), facecolor="none")
    return out.getvalue()


def gif(pictures: Sequence[Element], scale: float, seconds: float) -> bytes:
    """The pictures one after the other, again and again; the last one stays three times as long."""
    # One palette for all, the commonest colours: with colours of its own for each frame, the animation would flicker.
    common: Counter[int] = Counter()
    with _plain():
        for picture in [*pictures[:: max(1, len(pictures) // 8)], pictures[-1]]:
            colours, counts = np.unique(_pixels(picture, scale), return_counts=True)
            common.update(dict(zip(colours.tolist(), counts.tolist(), strict=True)))
        palette = np.array([colour for colour, _ in common.most_common(64)], np.int32)
        small = [_indexed(_pixels(picture, scale), palette) for picture in pictures]  # a byte a pixel
    out = BytesIO()
    wait = [round(seconds * 1000)] * len(small)
    wait[-1] *= 3
    small[0].save(out, "GIF", save_all=True, append_images=small[1:], duration=wait, loop=0, disposal=1)
    return out.getvalue()


def _pixels(picture: Element, scale: float) -> Colours:
    """The picture on white, as rows of colours 0xRRGGBB."""
    figure = _figure(picture)
    figure.set_dpi(POINTS * scale)
    canvas = FigureCanvasAgg(figure)
    canvas.draw()
    rgb = np.asarray(canvas.buffer_rgba())[:, :, :3].astype(np.int32)
    return rgb[:, :, 0] << 16 | rgb[:, :, 1] << 8 | rgb[:, :, 2]


def _indexed(frame: Colours, palette: Colours) -> Image.Image:
    """A frame in the palette's colours. Pillow's own mapping is rounded: white comes out grey."""
    parts = np.stack([palette >> 16, palette >> 8 & 255, palette & 255], axis=1)
    colours, where = np.unique(frame, return_inverse=True)
    apart = np.stack([colours >> 16, colours >> 8 & 255, colours & 255], axis=1)[:, None] - parts
    nearest = (apart**2).sum(axis=2).argmin(axis=1).astype(np.uint8)
    image = Image.fromarray(nearest[where].reshape(frame.shape))
    image.putpalette(parts.astype(np.uint8).tobytes())
    return image


def _figure(picture: Element) -> Figure:
    width, height = float(picture.attrib["width"]), float(picture.attrib["height"])
    figure = Figure(figsize=(width / POINTS, height / POINTS), facecolor="white")
    to_inches = Affine2D().scale(1 / POINTS, -1 / POINTS).translate(0, height / POINTS)
    _paint(figure, picture, 0.0, 0.0, to_inches + figure.dpi_scale_trans)
    for above, artist in enumerate(figure.get_children()):
        artist.set_zorder(above)  # later on top, lines and letters alike
    return figure


def _paint(figure: Figure, group: Element, x: float, y: float, transform: Transform) -> None:
    """Paint what is in a group whose origin is at (x, y)."""
    for element in group:
        look = element.attrib
        if element.tag in ("g", "svg"):
            moved = re.fullmatch(r"translate\((\S+) (\S+)\)", look.get("transform", "translate(0 0)"))
            assert moved is not None
            _paint(figure, element, x + float(moved[1]), y + float(moved[2]), transform)
        elif element.tag == "text":
            _write(figure, element, x, y, transform)
        elif element.tag != "title":
            _draw(figure, element, x, y, transform)


def _draw(figure: Figure, element: Element, x: float, y: float, transform: Transform) -> None:
    look = element.attrib
    stroke = look.get("stroke", "none")
    thick = float(look.get("stroke-width", "1")) if stroke != "none" else 0.0
    dashes = look.get("stroke-dasharray", "none") if thick else "none"
    figure.add_artist(
        PathPatch(
            _path(element),
            transform=Affine2D().translate(x, y) + transform,
            facecolor=look.get("fill", "black"),
            edgecolor=stroke,
            linewidth=thick,
            # matplotlib counts dashes in widths of the line
            linestyle="solid" if dashes == "none" else (0, [float(d) / thick for d in dashes.split()]),
            capstyle="butt",
            joinstyle=look.get("stroke-linejoin", "miter"),
        )
    )


def _write(figure: Figure, element: Element, x: float, y: float, transform: Transform) -> None:
    """Set a text: its pieces one after the other, each in its own look."""
    given, down = [(element.text or "", element.attrib)], 0.0
    for inner in element:
        down += float(inner.get("dy", "0"))
        look = element.attrib | inner.attrib | {"dy": f"{down:g}"}
        given += [(inner.text or "", look), (inner.tail or "", look | element.attrib)]
    given = [(re.sub(r"[ \t\r\n]+", " ", text), look) for text, look in given]  # as a browser does
    pieces = [(part, look) for text, look in given for part in re.split(f"((?:.{BAR})+)", text) if part.strip()]
    if len(pieces) > 1:  # pixels round the places of letters: a long piece would end beside where it was measured to
        pieces = [(word, look) for part, look in pieces for word in WORDS.findall(part)]
    anchor = element.get("text-anchor", "start")
    at = x + float(element.get("x", "0"))
    if len(pieces) > 1 or any(BAR in text for text, _ in pieces):  # several pieces are measured, and set from the left
        widths = [_width(text, _font(text, look)) for text, look in pieces]
        at -= {"start": 0.0, "middle": 0.5, "end": 1.0}[anchor] * sum(widths)
        anchor = "start"
    else:
        widths = [0.0] * len(pieces)
    for (text, look), width in zip(pieces, widths, strict=True):
        size = float(look["font-size"])
        indent = (len(text) - len(text.lstrip())) * SPACE * size if len(pieces) > 1 else 0.0
        base = y + float(element.get("y", "0")) + float(look.get("dy", "0"))
        figure.add_artist(
            Text(
                at + indent,
                base,
                text.replace(BAR, "").strip(),
                transform=transform,
                fontproperties=_font(text, look),
                color=look.get("fill", "black"),
                horizontalalignment=SIDES[anchor],
                verticalalignment="baseline",
                parse_math=False,  # a $ in a student's name is a $
                usetex=False,
            )
        )
        if BAR in text:  # one bar over the word; a font's bars stand at each letter's own height
            bar = Path([(at, base - 0.86 * size), (at + width, base - 0.86 * size)])
            ink = look.get("fill", "black")
            figure.add_artist(PathPatch(bar, transform=transform, edgecolor=ink, linewidth=0.07 * size))
        at += width


def _font(text: str, look: dict[str, str]) -> FontProperties:
    families = ["DejaVu Sans"]
    if any(ord(c) > 0x2FFF or 0x900 <= ord(c) < 0x10A0 for c in text):  # scripts that it does not have
        known = {font.name for font in fontManager.ttflist}
        families += [name for name in WIDER if name in known]
    return FontProperties(
        family=families,
        size=float(look["font-size"]),
        weight=int(look.get("font-weight", "400")),
        style="italic" if look.get("font-style") == "italic" else "normal",
    )


_measure = TextToPath()
WORDS = re.compile(r" *[^ ]+(?: [^ ]+)? *")  # by twos


def _width(text: str, font: FontProperties) -> float:
    spaces = len(text) - len(text.strip())
    width, _, _ = _measure.get_text_width_height_descent(text.replace(BAR, "").strip(), font, ismath=False)
    return float(width) + spaces * SPACE * font.get_size_in_points()


def _path(element: Element) -> Path:
    """An element's outline."""
    look = element.attrib
    if element.tag == "rect":
        x, y, w, h = (float(look.get(key, "0")) for key in ("x", "y", "width", "height"))
        return _traced(rounded(x, y, w, h, min(float(look.get("rx", "0")), w / 2, h / 2)))
    if element.tag == "polygon":
        return _traced("M" + "L".join(look["points"].split()) + "z")
    if element.tag == "path":
        return _traced(look["d"])
    raise ValueError(f"an SVG {element.tag} cannot be painted")


def _traced(d: str) -> Path:
    """An SVG path: the commands M L C h v l a z; an arc is a quarter of a circle, clockwise on the screen."""
    points: list[tuple[float, float]] = []
    codes: list[int] = []
    x = y = 0.0

    def add(code: int, *more: tuple[float, float]) -> None:
        points.extend(more)
        codes.extend([code] * len(more))

    for command, rest in re.findall(r"([A-Za-z])([^A-Za-z]*)", d):
        n = [float(number) for number in re.findall(r"-?[\d.]+", rest)]
        match command:
            case "z":
                add(int(Path.CLOSEPOLY), (x, y))
            case "M" | "L" | "C":
                pairs = list(zip(n[::2], n[1::2], strict=True))
                add(int({"M": Path.MOVETO, "L": Path.LINETO, "C": Path.CURVE4}[command]), *pairs)
                x, y = pairs[-1]
            case "h" | "v" | "l":
                x, y = (x + n[0], y) if command == "h" else (x, y + n[0]) if command == "v" else (x + n[0], y + n[1])
                add(int(Path.LINETO), (x, y))
            case "a":
                dx, dy = n[5], n[6]
                across = dx * dy > 0  # whether it starts sideways
                bend = (x + ROUND * dx, y) if across else (x, y + ROUND * dy)
                x, y = x + dx, y + dy
                add(int(Path.CURVE4), bend, (x, y - ROUND * dy) if across else (x - ROUND * dx, y), (x, y))
            case _:
                raise ValueError(f"the SVG path command {command} cannot be painted")
    return Path(points, codes)
