"""Giving exercises out, and grading them: notebooks, question banks, printed sheets, reports, replays.

Read `assign` first: what students are given. `bank` and `sheets` ask the same questions without a notebook.
"""
