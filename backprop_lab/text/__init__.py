"""Expressions as texts: `expression` reads them, `notation` shows them to people, `written` makes functions of them."""
