"""The sensitivity screen: which numbers of the model decide the answer, and what happens when one is moved.

Start at ``page``. ``tornado`` draws the bars, ``number_detail`` the number chosen, ``tabs`` the slower analyses;
``view`` and ``tables`` put what they show into words.
"""
