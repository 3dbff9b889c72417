"""The look that Streamlit's theme cannot give: one style sheet, for light and dark alike."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

STYLES = Path(__file__).with_name("styles.css")


def apply_theme() -> None:
    """Add the style sheet to the page."""
    st.html(f"<style>{STYLES.read_text(encoding='utf-8')}</style>")
