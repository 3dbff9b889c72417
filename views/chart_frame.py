"""A chart on a screen: in the theme's colours, as wide as its place, with its text twin as a table beneath it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

import streamlit as st

from model.charts import DARK, LIGHT, Palette
from model.progress import Progress
from views import markup


def palette() -> Palette:
    """Return the chart colours of the theme that the visitor looks at."""
    return DARK if st.context.theme.type == "dark" else LIGHT


def axis_title(title: str, room: int = 60) -> str:
    """Return a title that fits its axis: at most `room` characters."""
    return title if len(title) <= room else f"{title[: room - 1].rstrip()}…"


def chart(drawn: Any, key: str, alt: str, legend: str = "") -> None:
    """Draw an Altair chart without its own heading, which would not fit a narrow screen; `legend` stands for it.

    alt : one sentence that says what the chart shows
    """
    import altair

    if legend:
        st.html(f'<p class="legend">{legend}</p>')
    drawn.title = drawn.description = altair.Undefined  # said by the legend and `alt`
    st.altair_chart(drawn, theme=None, key=key, alt=alt, width="stretch")


def twin(head: Sequence[str], rows: Iterable[Sequence[str]], caption: str) -> None:
    """Offer the same as a table."""
    with st.expander("The same as a table"):
        st.html(markup.table(head, rows, caption))


def progress_bar(place: Any, first: str) -> Progress:
    """Put a progress bar into `place` and return what moves it; `first` is what is being done at the start."""
    bar = place.progress(0.0, first)

    def tell(fraction: float, what: str) -> None:
        bar.progress(min(1.0, fraction), what.capitalize())

    return tell


def chart_panel(draw: Callable[..., Any], text: Callable[[Any], str], result: Any, about: str, key: str) -> None:
    """Draw ``draw(result)`` on the page's own background and offer ``text(result)``; `about` names both."""
    drawn = draw(result, palette=palette()).properties(background="transparent", description="")
    st.altair_chart(drawn, theme=None, width="stretch", key=key, alt=f"{about}. The same as text follows.")
    with st.expander(f"{about} as text"):
        st.code(text(result), language=None)
