"""The network screen: the whole model as a graph with the patient's probabilities, and all that is behind a node.

Start at ``page``. ``view`` holds every node with its probability, ``edges`` every edge with its strength, ``layout``
their places, ``detail`` the panel of the selected node; ``network_picture`` draws.
"""
