"""Inline components: plain JavaScript and CSS kept beside their Python file. ``inline`` is what all of them share."""
