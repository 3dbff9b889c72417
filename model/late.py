"""pandas and Altair, loaded when first used: a query needs numpy alone."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any


class _Late:
    """Stands for a module until something of it is asked for."""

    def __init__(self, name: str):
        self._name = name

    def __getattr__(self, attribute: str) -> Any:
        return getattr(import_module(self._name), attribute)


if TYPE_CHECKING:
    import altair as alt
    import pandas as pd
else:
    alt, pd = _Late("altair"), _Late("pandas")

__all__ = ["alt", "pd"]
