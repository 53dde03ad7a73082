"""Notebooks that bring the lab with them: one file each, for Colab or a mail. `backprop-lab bundle` writes them.

Read `bring` first: it is what a student's first cell does. `bundle` packs the lab and puts that cell in place.
"""
