"""Where in the student's file: whose code a frame runs, and the line, the expression and the name behind an operation.

Read `places` first; `calls` writes down which call made each record.
"""
