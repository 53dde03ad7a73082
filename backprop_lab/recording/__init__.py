"""From a running function to a tape: recording values, what NumPy's functions do with them, and the door for errors.

Read `tape` first, then `traced`, which stands on `comparisons` and `operands`; `call` is one call of it. `numpy`
has NumPy's functions by subject, `sentences` what is said to a student.
"""
