"""Stands before the package of this name in the tests and in what they start (conftest.py), and is not there.

jsonschema takes the package if it finds it, to check addresses in other alphabets, of which no notebook has any; the
package compiles a grammar when it is imported, and that costs each server, and each process that reads a notebook, a
second and a half.
"""

raise ImportError("left out of the tests")
