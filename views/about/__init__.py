"""The about screen: what the model is for, how to use it, and how well it does.

Start at ``page``; ``view`` turns the stored results of validation into tables.
"""
