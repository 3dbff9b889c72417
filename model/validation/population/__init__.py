"""The model against a survey of the population: do findings go together in people as the model expects.

``survey`` gives design-based estimates and knows nothing medical, ``nhanes`` reads the carried survey in the words of
the network, ``comparison`` sets model and survey side by side. Start in ``comparison``.
"""
