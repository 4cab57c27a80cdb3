"""The query files: one operation each, and the parts that several of them ask for.

`text` puts a query and its parts together: it is complete in itself, so that it can be pasted into any GraphQL console.
Each is validated in the tests against the sandbox's schema and, where present, against the real one's subset.
"""

from __future__ import annotations

import re
from functools import lru_cache
from importlib.resources import files

#: A fragment that is spread: `...OrderHead` stands in `parts/order_head.graphql`. An inline one has a space before `on`.
_SPREAD = re.compile(r"\.\.\.(\w+)")
_WORDS = re.compile(r"(?<!^)(?=[A-Z])")


@lru_cache(maxsize=64)
def text(name: str) -> str:
    """The text of a query; `name` is the stem of its file. Raises FileNotFoundError for a name we do not ship."""
    query = _read(f"{name}.graphql")
    return "\n".join([query, *(_part(one) for one in _parts_of(query, ()))])


def _parts_of(given: str, known: tuple[str, ...]) -> tuple[str, ...]:
    """Names of the parts that a text spreads, and of those they spread, each once."""
    for name in _SPREAD.findall(given):
        if name not in known:
            known = _parts_of(_part(name), (*known, name))
    return known


def _part(name: str) -> str:
    return _read("parts", f"{_WORDS.sub('_', name).lower()}.graphql")


def _read(*path: str) -> str:
    return files(__package__).joinpath(*path).read_text(encoding="utf-8")
