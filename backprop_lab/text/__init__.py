"""Expressions as people read them: in plain text, in MathML, in LaTeX."""
