"""Sites of static files. Read `static` first: the lessons as pages in which every player and playground lives."""
