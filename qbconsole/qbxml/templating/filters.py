"""The filters of templates: small functions over text, none of which can make much of little.

They take what `d` holds: text, tuples of values, None. None counts as no text.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from types import MappingProxyType
from typing import Any

from jinja2 import StrictUndefined
from jinja2.exceptions import SecurityError
from markupsafe import Markup, escape

#: Longest text a template may make out of others: four times the longest memo.
MOST_TEXT = 16_384


def bounded(length: int) -> None:
    """Raise SecurityError where a text would become too long."""
    if length > MOST_TEXT:
        raise SecurityError(f"a text of {length} characters is too long; a template may make {MOST_TEXT}")


def _text(value: Any) -> str:
    """Text as it is; None is no text, and what is undefined raises."""
    if isinstance(value, str):
        return value
    return "" if value is None else str(value)


def _listed(value: Any) -> list[Any]:
    if value is None:
        return []
    if isinstance(value, StrictUndefined) or not isinstance(value, Iterable):
        return list(value)  # raises what Python raises
    return list(value)


def _capitalize(value: Any) -> str:
    return _text(value).capitalize()


def _default(value: Any, other: Any = "", boolean: bool = False) -> Any:
    if isinstance(value, StrictUndefined) or value is None or (boolean and not value):
        return other
    return value


def _escape(value: Any) -> Markup:
    return escape(_text(value))


def _first(value: Any) -> Any:
    return next(iter(_listed(value)), None)


def _last(value: Any) -> Any:
    return next(reversed(_listed(value)), None)


def _join(value: Any, between: str = "") -> str:
    parts = [_text(one) for one in _listed(value)]
    between = _text(between)
    bounded(sum(map(len, parts)) + len(between) * max(0, len(parts) - 1))
    return str(between).join(parts)


def _length(value: Any) -> int:
    return len(_listed(value))


def _lower(value: Any) -> str:
    return _text(value).lower()


def _replace(value: Any, old: str, new: str) -> str:
    text, old, new = _text(value), _text(old), _text(new)
    if not old:
        raise SecurityError("the text to be replaced is empty")
    bounded(len(text) + text.count(old) * max(0, len(new) - len(old)))
    return text.replace(old, new)


def _reverse(value: Any) -> Any:
    return value[::-1] if isinstance(value, str) else tuple(reversed(_listed(value)))


def _title(value: Any) -> str:
    return _text(value).title()


def _trim(value: Any) -> str:
    return _text(value).strip()


def _truncate(value: Any, length: int = 255, end: str = "...") -> str:
    """At most `length` characters, the ending among them."""
    text, end = _text(value), _text(end)
    return text if len(text) <= length else text[: max(0, length - len(end))].rstrip() + end[: max(0, length)]


def _upper(value: Any) -> str:
    return _text(value).upper()


#: Filter as templates write it -> what it does.
FILTERS: Mapping[str, Callable[..., Any]] = MappingProxyType(
    {
        "capitalize": _capitalize,
        "default": _default,
        "escape": _escape,
        "first": _first,
        "join": _join,
        "last": _last,
        "length": _length,
        "lower": _lower,
        "replace": _replace,
        "reverse": _reverse,
        "string": _text,
        "title": _title,
        "trim": _trim,
        "truncate": _truncate,
        "upper": _upper,
    }
)
