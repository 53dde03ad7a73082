"""Plots: one style whatever the person's settings, a text alternative, the same file each time."""

import re

import matplotlib

from backprop_lab.plots.figure import LINES, Plot, draw_line, lab_style, new_figure


def small(alt="Two lines. The dashed one ends at 9."):
    with lab_style():
        figure, axes = new_figure()
        draw_line(axes, [1, 2, 3], [1, 2, 3], "x", 0)
        draw_line(axes, [1, 2, 3], [1, 4, 9], "x squared", 1)
        axes.set(xlabel="x", ylabel="y")
        axes.legend()
    return Plot(figure, alt)


def test_lines_differ_by_more_than_colour():
    for part in ("color", "marker", "linestyle"):
        assert len({str(line[part]) for line in LINES}) == len(LINES)


def test_shows_itself_with_its_text():
    shown = small('5 < 7, "so"')._repr_mimebundle_()
    assert shown["text/plain"] == '5 < 7, "so"'
    assert 'alt="5 &lt; 7, &quot;so&quot;"' in shown["text/html"] and "data:image/svg+xml;base64," in shown["text/html"]
    assert re.search(r"<text[^>]*>x squared</text>", shown["image/svg+xml"])


def test_same_plot_same_file_under_any_settings():
    first = small().svg()
    with matplotlib.rc_context({"font.size": 40, "axes.facecolor": "black", "text.usetex": True}):
        assert small().svg() == first
