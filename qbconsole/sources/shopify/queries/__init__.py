"""The query files: one operation each, complete in itself, so that it can be pasted into any GraphQL console.

Each is validated in the tests against the sandbox's schema and, where present, against the real one's subset.
"""

from __future__ import annotations

from functools import lru_cache
from importlib.resources import files


@lru_cache(maxsize=64)
def text(name: str) -> str:
    """The text of a query file; `name` is its stem. Raises FileNotFoundError for a name we do not ship."""
    return files(__package__).joinpath(f"{name}.graphql").read_text(encoding="utf-8")
