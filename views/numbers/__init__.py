"""The numbers screen: every number of the model, every claim, every source, and where literature and article differ.

Start at ``page``; ``rows`` are the numbers with their search, ``sources`` the other lists, ``markup`` their lines.
"""
