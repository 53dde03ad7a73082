"""The tape, frozen: a graph of nodes, its passes as steps, and what is told of each.

Read `trace` first, then `graph` and `sweeps`. `steps` says what a sweep gives, `infinite` is the pass where 0 meets an
infinite slope, `replay` runs a graph on other inputs.
"""
