"""What each operation is: its value, its derivative, its domain, stated once as text.

Read `entry` first, then any ten rows of `table`. `rules` are the helpers that the rows' texts call, `arrays` the values
that NumPy lacks, `values` says what a value may be. `walk` goes back and forward over records, by the entries' rules;
`tips` has second derivatives at the tip of a length.
"""
