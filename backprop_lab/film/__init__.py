"""What happens when, as data: the steps of both modes, the questions, and what the player's views need.

Read `film` first.
"""
