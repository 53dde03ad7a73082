"""NumPy's functions and methods on recording values. Read `handlers` first; `dispatch` is where NumPy comes in."""
