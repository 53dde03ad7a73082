"""The parts of a large graph: which there are, which are open, and how folded ones are drawn."""
