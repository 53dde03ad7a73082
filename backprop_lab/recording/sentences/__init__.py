"""What is said where tracing cannot go on: the refusals, other libraries' idioms, explanations of Python's errors.

Read `wording` first: a `Scene` is the point in the student's code that a sentence is about.
"""
