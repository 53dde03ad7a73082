"""Giving exercises out, and grading them: notebooks, question banks, printed sheets, reports, replays.

Read `assign` first: what students are given. `bank` and `sheets` ask the same questions without a notebook.

Grading is another half. Read `grader` first: it holds what is right, and asks a child process, in which the student's
cells run, for plain data. `fence` says what that child may do, `wire` what may pass between the two, and `run` grades
many at once.
"""
