"""The picture of a graph as SVG, drawn by us on Graphviz's positions.

    Picture(graph).svg()                     the finished picture: primals, adjoints, local partials
    Picture(graph).svg(texts, classes)       with other numbers in the cells, and parts of it lit

Every number is one `<text data-key=…>`: `p3` is the primal of node 3, `a3` its adjoint (or tangent), `w5_0` the local
partial on the edge from operand 0 of node 5. A player only fills texts and switches classes; nothing is laid out twice.
Shape tells what a node is: a pill is an input, a small dashed box a constant, a rectangle an operation; an output has
a double rim. What the cells hold their colours say, and the legend says it once. A larger graph is folded (`folding`).
"""

from __future__ import annotations

import html
from collections import ChainMap, Counter
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import cached_property

from ..errors import DrawingError
from ..graph.graph import Edge, Graph, Node
from ..graph.slopes import partial_formula, partial_label, partial_letters
from ..text.notation import PLAIN, Target
from . import pills
from .around import Pill, beside, nearer
from .cells import PAD, Cells
from .document import MARGIN, NO_MAPS, Classes, Maps, Texts, document
from .dot import dot
from .flow import flow
from .folding import forms, sheets
from .folding.drawn import Folded
from .folding.fold import Scene, Tree, tree_of
from .folding.outline import Part
from .heat import Map, heat_map, lying, multiplies
from .keys import box_id, edge_id, node_id
from .lane import Stop, Use, lane, longest
from .layout import Curve, Layout, NotPlacedError, layout
from .pills import slopes_of, slopes_width
from .squares import rooms
from .statements import Statements
from .strokes import joined, kind_of, near_tip, on_the_way, outline
from .texts import SMALL, cell, described, ems, final_numbers, final_texts, pill_width
from .titles import Title, mark

MOST_NODES = 300  # more boxes than a screen can show and a person can read
FOOT = 5.0  # below a node's cells
MARK = 12.0  # of a warning sign, what it takes from the title's line
ROUND = 5.0  # what the round corners of an input take at either side
# Rows of a lane that need no scrolling at the size of letters that is read: on a page of 1024 pixels (at 0.8), and in a
# room on a screen of so many (at 1.2), where files are shown, too.
WIDE, NARROW = 1180.0, 812.0
SCREEN = 834.5  # a picture in that room that does not scroll down
GAPS, ROUGHLY = 53.0, 1.15  # between two nodes, beside the pill; how wrong a guess at a picture's width may be
SIZES = ("stacked", "sizes", "labels", "slopes")  # by texts, and by no number
PLACES = (*SIZES, "layout", "pills", "letters")
OWN = ("lane", "flow")  # layouts of ours, with a place for each label


def too_many(graph: Graph) -> DrawingError:
    """The sentence for a graph that is not to be folded, and has too many nodes to be shown at once."""
    return DrawingError(
        f"this graph has {len(graph)} nodes, and a picture shows at most {MOST_NODES} at once; leave out "
        "fold=False, and calls and loops are folded and open on a click; print(graph) lists the nodes"
    )


class Picture:
    """A graph's drawing.

    Parameters
    ----------
    graph : what to draw
    second : caption of the right cell, "adjoint" or "tangent"; None draws primals only
    room : the widest texts that will stand in each node's cells, by key; None makes room for the final numbers
    maps : all heat maps that will stand in each cell, by key; None makes room for those of the final numbers if `room`
        is None too
    scene : what of a large graph is open; as much as makes about 40 boxes if not given
    fold : False shows every node
    tight : whether rows stand close, for two pictures one above the other
    widest : how wide the rows of a lane may be
    like : a picture of the same graph with the same room, whose places are taken over; of one in other rows the sizes
    last : the texts that stand in the cells at the end, by key; None for the final numbers

    Raises
    ------
    DrawingError : more than `MOST_NODES` boxes, or no Graphviz
    """

    def __init__(
        self,
        graph: Graph,
        second: str | None = "adjoint",
        room: Mapping[str, str] | None = None,
        maps: Mapping[str, list[Map]] | None = None,
        scene: Scene | None = None,
        fold: bool = True,
        tight: bool = False,
        widest: float = NARROW,
        like: Picture | None = None,
        last: Mapping[str, str] | None = None,
    ) -> None:
        tree = tree_of(graph) if fold and scene is None else None
        if scene is None and tree is None and len(graph) - len(graph.hidden) > MOST_NODES:
            raise too_many(graph)
        self.scene = scene if scene is not None else (tree or Tree(graph, flat=True)).scene()
        if len(self.scene) > MOST_NODES and self.scene.open != self.scene.tree.at_first:
            raise DrawingError(
                f"so many open parts would show {len(self.scene)} boxes, and a picture shows at most {MOST_NODES}; "
                "leave some of the parts closed"
            )
        self.graph, self.second, self.tight, self.widest = graph, second, tight, widest
        own: dict[str, str] = {}
        self.room: Mapping[str, str] = ChainMap(own, self._final if room is None else room)  # type: ignore[arg-type]
        self.last = self._final if last is None else last
        if not self.scene.tree.flat:  # a sum that waits shows what was there before
            ids = (*self.scene.nodes, *(box.result for box in self.scene.boxes))
            here = {key: self.room.get(key, "") for id in ids for key in (f"p{id}", f"a{id}")}
            own |= {key: max(forms.pieces(text), key=ems) for key, text in here.items() if text}
        if maps is None:
            maps = {} if room is not None else {key: [own] for key, own in self._final_maps.items()}
        self._maps = rooms(maps, SMALL * 0.66)
        self._known: dict[int, Cells] = {}  # of each node, its cells side by side
        self._titles: dict[tuple[int, float], Title] = {}  # by node, and the width of its cells
        self._lying: dict[str, tuple[Curve, Pill]] = {}  # the way of an edge when its pill was laid on it
        if like is not None:
            self._maps, self._known, self._titles = like._maps, like._known, like._titles
            shared = PLACES if like.widest == widest else SIZES
            self.__dict__ |= {name: getattr(like, name) for name in shared}
            self.__dict__ |= {name: like.__dict__[name] for name in ("statements", "stops") if name in like.__dict__}
            self.__dict__["folded"] = like.folded and Folded(self, like.folded)

    @cached_property
    def _final(self) -> dict[str, str]:
        return final_texts(self.graph)

    @cached_property
    def _final_maps(self) -> dict[str, Map]:
        rows = lying(self.graph)
        shown = ((key, x) for key, x in final_numbers(self.graph).items() if self.second or key[0] == "p")
        return {key: own for key, x in shown if (own := heat_map(x, key in rows)) is not None}

    @cached_property
    def nodes(self) -> tuple[Node, ...]:
        """The nodes that are seen."""
        return tuple(self.graph.nodes[id] for id in self.scene.nodes)

    @cached_property
    def edges(self) -> tuple[Edge, ...]:
        """The edges that are seen one by one, with their local partials."""
        alone = [(self.graph.nodes[w.uses[0][0]], w.uses[0][1]) for w in self.scene.wires if w.key[0] == "e"]
        return tuple(Edge(child.parents[slot], child, slot) for child, slot in alone)

    @cached_property
    def sizes(self) -> dict[int, tuple[float, float]]:
        """Width and height of each node."""
        return {node.id: self._size(node) for node in self.nodes}

    def _size(self, node: Node) -> tuple[float, float]:
        cells = self.cells_of(node.id)
        if cells.chip:
            return cells.width - PAD, cells.height
        title = self.title_of(node)
        edge = ROUND if kind_of(node) == "input" else 0.0
        head = min(title.width + 2 * PAD, 300.0) + self._mark_room(node)
        return max(cells.width, head) + 2 * edge, title.height + cells.height + FOOT + edge * 0.6

    def title_of(self, node: Node) -> Title:
        """What stands above a node's cells."""
        width = self.cells_of(node.id).width
        if (known := self._titles.get((node.id, width))) is None:
            two = bool(self._maps) and self.scene.tree.flat or self.scene.in_grid(node.id)
            known = self._titles[node.id, width] = Title.of(node, width, two)
        return known

    def _mark_room(self, node: Node) -> float:
        """What the title, which stands in the middle, leaves at both sides for the warning sign."""
        return 2 * MARK if node.id in self.graph.notes else 0.0

    def cells_of(self, id: int) -> Cells:
        """The cells with the numbers of a node."""
        cells, grid = self._cells(id), self.scene.in_grid(id)
        return cells.one_below_the_other(not grid) if grid or self.stacked else cells

    @cached_property
    def stacked(self) -> bool:
        """Whether cells stand one below the other: where the longest way through the graph is too wide for a screen."""
        if not self.scene.tree.flat or self.tight or self.second is None:
            return False
        low = lambda id: self._cells(id).one_below_the_other()  # noqa: E731
        return self._reach(self._cells) > SCREEN >= self._reach(low)

    def _reach(self, cells: Callable[[int], Cells]) -> float:
        """How wide about the longest way through the graph is, with these cells."""
        return longest(self._ways, lambda id: cells(id).width)

    @cached_property
    def _ways(self) -> dict[int, list[tuple[int, float]]]:
        """For each node the operands that are seen, and how much room their local partials take between the two."""
        found: dict[int, list[tuple[int, float]]] = {node.id: [] for node in self.nodes}
        for edge in self.edges:
            gap = pill_width(self.labels[edge.child.id, edge.slot]) + GAPS
            found[edge.child.id].append((edge.parent.id, gap))
        return found

    def _cells(self, id: int) -> Cells:
        if id not in self._known:
            node = self.graph.nodes[id]
            alone = node.op == "constant" and isinstance(node.value, int | float) and node.label == cell(node.value)
            self._known[id] = Cells.of(id, self.second, self.room, self._maps, alone)
        return self._known[id]

    @cached_property
    def labels(self) -> dict[tuple[int, int], str]:
        """The local partial of each edge as text."""
        return {(e.child.id, e.slot): partial_label(e.child, e.slot) for e in self.edges}

    @cached_property
    def slopes(self) -> dict[tuple[int, int], tuple[str, ...]]:
        """The slopes of the edges on which each entry of a short vector may have its own line."""
        bare = [e for e in self.edges if self._maps and all(self.cells_of(n.id).bare for n in (e.child, e.parent))]
        return {(e.child.id, e.slot): own for e in bare if (own := slopes_of(e.child, e.slot))}

    def slopes_on(self, child: Node, slot: int) -> tuple[str, ...]:
        """The slopes that stand on an edge, if it has room for a line for each entry."""
        return self.slopes[child.id, slot] if edge_id(child.id, slot) in self.layout.slopes else ()

    @cached_property
    def dot(self) -> str:
        """What Graphviz is given."""
        sizes = {node_id(id): size for id, size in self.sizes.items()}
        return dot(self.scene, sizes, {edge_id(*k): pill_width(t) + 4 for k, t in self.labels.items()}, self.tight)

    @cached_property
    def folded(self) -> Folded | None:
        """What only the picture of a folded graph has."""
        return Folded(self) if self.scene.boxes or self.scene.frames else None

    @cached_property
    def layout(self) -> Layout:
        if self.folded is not None:
            return self.folded.plan.layout
        low = self.tight and not self._maps  # of two pictures of numbers, the lower ones are Graphviz's
        in_lane = None if low else lane(self.stops, self.widest)
        if in_lane is not None and in_lane.width <= self.widest:
            return in_lane
        most = max(self.widest, SCREEN)
        if self._reach(self.cells_of) > most * ROUGHLY:
            return flow(self.stops, self.widest)
        try:
            placed = self._by_graphviz()
        except NotPlacedError:
            return flow(self.stops, self.widest)
        return placed if placed.width <= most else flow(self.stops, self.widest)

    def _by_graphviz(self) -> Layout:
        placed = layout(self.dot)
        edges = dict(placed.edges)
        for wire in self.scene.wires:
            if wire.source[0] == "n":
                kind = kind_of(self.graph.nodes[int(wire.source[1:])])
                edges[wire.key] = joined(edges[wire.key], placed.nodes[wire.source], kind)
        placed = replace(placed, edges=edges)
        if not self.scene.tree.flat:
            return placed
        return nearer(placed, self._chips, {key: pill.box() for key, pill in self._pills(placed).items()})

    @property
    def in_rows(self) -> bool:
        """Whether it would have other rows in another width."""
        return self.layout.engine in OWN or self.folded is not None

    @cached_property
    def _chips(self) -> dict[str, tuple[str, str, float]]:
        """The constants that are only their number and used once: their edge, their user, the room of their partial."""
        uses = [(e.parent.id, edge_id(e.child.id, e.slot), node_id(e.child.id)) for e in self.edges]
        count = Counter(parent for parent, _, _ in uses)
        room = {edge_id(*key): pill_width(text) for key, text in self.labels.items()}
        chips = (use for use in uses if count[use[0]] == 1 and self.cells_of(use[0]).chip)
        return {node_id(id): (key, user, room[key]) for id, key, user in chips}

    @cached_property
    def pills(self) -> dict[str, Pill]:
        """The local partials, which lie on their edges."""
        return self._pills(self.layout)

    def _pills(self, placed: Layout) -> dict[str, Pill]:
        return {edge_id(*key): self._pill(placed, *key) for key in self.labels}

    def _pill(self, placed: Layout, child: int, slot: int) -> Pill:
        """A local partial, on its edge."""
        key = edge_id(child, slot)
        curve, wide = placed.edges[key], pill_width(self.labels[child, slot])
        if key in placed.slopes:
            wide = slopes_width(self.slopes[child, slot]) or wide
        known = self._lying.get(key)
        if known is None or known[0] is not curve:
            if curve.label is None:
                place = near_tip(curve, wide / 2 + 14)
            else:
                place = curve.label if placed.engine in (*OWN, "plan") else on_the_way(curve, curve.label[0])
            known = self._lying[key] = curve, Pill(*place, wide)
        return known[1]

    @cached_property
    def letters(self) -> dict[str, tuple[str, float, float]]:
        """Local partials in letters beside their numbers, where there is room, by edge; none in a folded graph."""
        if not self.scene.tree.flat:
            return {}
        edges = [e for e in self.edges if not self.cells_of(e.parent.id).chip]
        texts = {edge_id(e.child.id, e.slot): partial_letters(e.child, e.slot) for e in edges}
        texts = {key: text for key, text in texts.items() if text}
        places = beside(self.layout, texts, self.pills, MARGIN)
        return {key: (texts[key], *place) for key, place in places.items()}

    @cached_property
    def stops(self) -> list[Stop]:
        """The nodes, as the lane takes them."""
        return list(map(self._stop, self.nodes))

    def _stop(self, node: Node) -> Stop:
        uses = [
            Use(
                node_id(p.id),
                edge_id(node.id, slot),
                pill_width(self.labels[node.id, slot]),
                slopes_width(self.slopes.get((node.id, slot), ())),
            )
            for slot, p in enumerate(node.parents)
            if p.id not in self.graph.hidden
        ]
        width, height = self.sizes[node.id]
        cells = self.cells_of(node.id)
        middle = height / 2 if cells.chip else self.title_of(node).height + cells.height / 2
        statement = self.statements.of.get(node.id, "")
        return Stop(node_id(node.id), width, height, middle, uses, node.line, multiplies(node), statement)

    @cached_property
    def statements(self) -> Statements:
        """The statements that have frames on a lane; none where two pictures stand one above the other."""
        return Statements(self.graph, () if self.tight else self.nodes)

    @property
    def width(self) -> float:
        return self.layout.width + 2 * MARGIN

    @property
    def height(self) -> float:
        return self.layout.height + 2 * MARGIN

    def svg(
        self,
        texts: Texts | None = None,
        classes: Classes | None = None,
        embed: bool = True,
        maps: Maps | None = None,
        about: str | None = None,
    ) -> str:
        """The picture.

        Parameters
        ----------
        texts : what stands in the cells, by key; None shows the finished picture
        classes : further classes for "n3", "e5_0" or "svg": how a step lights its node and edge; for "p3", "a3": a cell
        embed : carry the style sheet along, for use as an image of its own
        maps : the heat maps in the cells, by key; None shows the final ones if `texts` is None
        about : the picture in words, if other numbers will stand in it than in `texts`
        """
        if maps is None:
            maps = self._final_maps if texts is None else {}
        return document(self, self._final if texts is None else texts, classes or {}, embed, maps, about)

    def group(self, x: float, y: float, texts: Texts, classes: Classes, maps: Maps = NO_MAPS) -> str:
        """The drawing alone, as an SVG group with its top left corner at (x, y)."""
        lit = {k: " ".join(["", *v]) for k, v in classes.items()}
        if not self.scene.tree.flat:
            texts = {key: text if key[0] == "d" else forms.settled(text) for key, text in texts.items()}
        parts = [f'<g transform="translate({x:.0f} {y:.0f})">']
        parts += self.folded.below(texts, lit) if self.folded is not None else []
        parts += [self.statements.svg(*own) for own in self.layout.frames.items() if self.layout.engine == "lane"]
        parts += [sheets.line(self, w, lit) for w in self.scene.wires if w.key[0] == "m" and w.key in self.layout.edges]
        parts += [self._edge(e.child, e.slot, texts, lit) for e in self.edges]
        parts += [self._node(node, texts, lit, maps) for node in self.nodes]
        parts += [self._box(part, texts, lit, maps) for part in self.scene.boxes]
        parts += [sheets.frame_title(self, part) for part in self.scene.frames]
        return "".join([*parts, "</g>"])

    def describe(self, texts: Texts | None = None, pen: Target = PLAIN) -> str:
        """One sentence for people who do not see the picture; of the finished one if `texts` is None."""
        texts = self._final if texts is None else texts
        return described(self.graph, len(self.scene.boxes), self.second, texts, pen)

    def _node(self, node: Node, texts: Texts, lit: Mapping[str, str], maps: Maps) -> str:
        box = self.layout.nodes[node_id(node.id)]
        w, h = box.width, box.height
        kind = kind_of(node)
        is_output = node.id in self.graph.output_ids
        state = (" bl-output" if is_output else "") + ("" if texts.get(f"p{node.id}") else " bl-waiting")
        cells = self.cells_of(node.id)
        edge = ROUND if kind == "input" else 0.0
        left, top = (PAD / 2, 0.0) if cells.chip else (PAD + edge, self.title_of(node).height)
        inside = cells.svg(left, top, w - 2 * left, texts, maps, lit, self.second)
        about = html.escape(f"{node.label}: {node.formula}")  # what a browser shows for a while
        rim = f'<path class="bl-rim" d="{outline(kind, -4.5, -4.5, w + 9, h + 9)}"/>' if is_output else ""
        room = w - 2 * PAD - self._mark_room(node)
        title = "" if cells.chip else self.title_of(node).svg(w / 2, room)
        return (
            f'<g class="bl-node bl-{kind}{state}{lit.get(node_id(node.id), "")}" data-node="{node.id}" '
            f'transform="translate({box.left:.1f} {box.top:.1f})"><title>{about}</title>{rim}'
            f'<path class="bl-shape" d="{outline(kind, 0, 0, w, h)}"/>{title}'
            f"{mark(self.graph.notes.get(node.id), w - 4, 0.0)}{inside}</g>"
        )

    def _box(self, part: Part, texts: Texts, lit: Mapping[str, str], maps: Maps) -> str:
        """A folded part, with the numbers of its result."""
        size = self.layout.nodes[box_id(part.number)]
        note = self.scene.notes.get(part.number)
        sign = mark(note, size.width - 12, 8.0)
        if self.folded is not None and self.folded.is_small(part):
            return self.folded.small(part, texts, lit, sign)
        w, top = size.width - sheets.STACK, sheets.STACK + sheets.HEAD
        inside = self.cells_of(part.result).svg(PAD, top, w - 2 * PAD, texts, maps, lit, self.second)
        sign = mark(note, w - 4, sheets.STACK)
        return sheets.box(self, part, texts, lit, inside + sign)

    def name_of(self, end: str) -> str:
        """What a node or a box is called, by its id."""
        number = int(end[1:])
        return (self.graph.nodes if end[0] == "n" else self.scene.tree.parts)[number].label

    def _edge(self, child: Node, slot: int, texts: Texts, lit: Mapping[str, str]) -> str:
        key = edge_id(child.id, slot)
        curve = self.layout.edges[key]
        of, slopes = f"w{child.id}_{slot}", self.slopes_on(child, slot)
        shown = texts.get(of, "")
        state = (" bl-known" if slopes else "") if shown else " bl-unknown"
        letters = pills.letters_of(*self.letters[key]) if key in self.letters else ""
        state += " bl-bare" if self.cells_of(child.parents[slot].id).chip else ""
        said = partial_formula(child, slot) if shown else f"∂{child.label}/∂{child.parents[slot].label}"
        return (
            f'<g class="bl-edge{state}{lit.get(key, "")}" data-edge="{child.id}_{slot}">'
            f"<title>local partial {html.escape(said)}</title>"
            f"{pills.lines(curve, slopes)}"
            f"{pills.drawn(of, shown, lit.get(of, ''), self.pills[key], slopes, letters)}</g>"
        )
