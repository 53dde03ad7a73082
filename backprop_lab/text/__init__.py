"""Expressions as text. Read `expression` first; `notation` shows them to people, `written` makes functions of them."""
