"""Sites of static files. Read `static` first: the lessons as pages in which every player and playground lives.

`lite` is the lab in a browser, with no server behind it.
"""
