"""A function as a program: straight-line Python for numbers, NumPy for arrays, with the gradient beside the value.

Read `program` first, then `branch`, and of the two writers `emit`. `machine` plays long programs of numbers as tapes,
and `quick` spares a call the look at every number; without them everything is the same, only slower.
"""
