"""The tape, frozen: a graph of nodes, its passes as steps, and what is told of each.

Read `trace` first, then `graph` and `sweeps`.
"""
