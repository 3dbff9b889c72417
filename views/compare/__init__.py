"""The compare screen: pinned scenarios, two settings or two readers of the article, side by side.

Start at ``page``; ``view`` works out the sides and what differs, ``markup`` lays them out as a table.
"""
