"""The parts of a large graph: which there are, which are open, how folded ones are drawn. Read `fold` first."""
