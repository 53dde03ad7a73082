"""Graphs that somebody else's code made: an engine of one's own, PyTorch, JAX; their gradients beside ours.

Read `beside` first: a graph that knows their numbers. `values` reads a student's engine, with the help of `reader`,
`attributes`, `operations` and `watch`; `compare` says where their numbers leave ours, and `turns` which wrong turn
gives them.
"""
