"""Derivatives as functions: grad, jvp, vjp and what is made of them.

Read `passes` first; `generated` writes its two passes for floats from the table.
"""
