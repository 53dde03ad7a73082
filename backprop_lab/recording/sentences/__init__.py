"""What is said where tracing cannot go on. Read `wording` first: a `Scene` is the student's code that it is about."""
