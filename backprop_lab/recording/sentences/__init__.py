"""What is said where tracing cannot go on: the refusals, other libraries' idioms, explanations of Python's errors."""
