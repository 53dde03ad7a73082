"""From a graph to a picture: `dot` writes the DOT text, `layout` has Graphviz place it, `picture` draws the SVG."""
