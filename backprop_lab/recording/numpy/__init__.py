"""NumPy's functions and methods on recording values, in entries of the table.

Read `handlers` first: it finds the handler and refuses options. `dispatch` is where NumPy comes in.
"""
