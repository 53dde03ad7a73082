"""What each operation is: its value, its derivative, its domain, stated once as text.

Read `entry` first, then any ten rows of `table`. `functions` makes `bl.tanh` of a row, `cost` counts in its texts,
`work` at given values. `rules` are the helpers that the texts call, `arrays` the values that NumPy lacks, `values` says
what a value may be. `walk` goes back and forward over records, by the entries' rules; `tips` has second derivatives at
the tip of a length.
"""
