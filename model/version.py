"""The version, in one place; pyproject.toml and the change log are tested against it."""

__version__ = "0.2.0"
