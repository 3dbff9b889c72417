"""Inline components: plain JavaScript and CSS kept beside their Python wrapper."""
