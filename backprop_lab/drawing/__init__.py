"""From a graph to a picture: `dot` writes the DOT text, `layout` has Graphviz place it, `picture` draws the SVG on it.

Read `picture` first; `texts` says what stands in the nodes, `document` makes a file or an image of a drawing.
"""
