"""A function as a program: straight-line Python for numbers, NumPy for arrays, with the gradient beside the value.

Read `program` first, then `branch`, and of the two writers `emit`. `cpython` is the door to what is tuned for Python's
interpreter; without it everything is the same, only slower.
"""
