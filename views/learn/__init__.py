"""The learn screen: guess at a published case first, then see the model and the authors' cause, finding by finding.

Start at ``page``; ``view`` holds the cases and scores the guesses, ``actions`` are what the buttons do.
"""
