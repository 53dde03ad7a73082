"""Downhill: optimisers as a table of texts, runs of them, and what goes wrong on the way.

Read `methods` first, the table, then `plan` and `downhill`. `mistakes` has what goes wrong in a step.
"""

from . import experiments

__all__ = ["experiments"]
