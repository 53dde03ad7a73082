"""A function as a program: straight-line Python for numbers, NumPy for arrays, with the gradient beside the value.

Read `emit` first, then `numbers`. `cpython` is where programs are tuned for Python's interpreter.
"""
