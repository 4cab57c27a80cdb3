"""Validation errors in words a bookkeeper can act on, with the nearest key that would have been right."""

from __future__ import annotations

from types import UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from pydantic import BaseModel
from pydantic_core import ErrorDetails

from qbconsole.rules.mapping.faults import Path
from qbconsole.rules.mapping.schema import MappingFile
from qbconsole.rules.nearest import nearest
from qbconsole.visible import safe

#: Error type of pydantic -> sentence; {name} stands for what the error's context says.
_SENTENCES = {
    "missing": "is missing",
    "string_type": "must be a text in quotes",
    "int_type": "must be a whole number without quotes",
    "date_type": "must be a date without quotes and without a time, like 2026-01-31",
    "tuple_type": "must be a text, or a list of texts in [ ]",
    "list_type": "must be written as [[...]] tables",
    "dict_type": "must be a table",
    "model_type": "must be a table",
    "greater_than_equal": "must be {ge} or more",
    "less_than_equal": "must be {le} or less",
    "string_pattern_mismatch": "must look like {pattern}",
}


def sentence_of(error: ErrorDetails) -> tuple[Path, str]:
    """The place of one validation error and what is wrong there."""
    path = tuple(part for part in error["loc"] if part != "[key]")
    kind, context = error["type"], error.get("ctx", {})
    if kind == "extra_forbidden":
        key = str(path[-1])
        return path, f'unknown key "{safe(key, limit=60)}"{nearest(key, known_keys(path[:-1]))}'
    if kind == "literal_error":
        return path, f"is {safe(error['input'], limit=60)!r}; it may be {context['expected']}"
    if kind in _SENTENCES:
        return path, _SENTENCES[kind].format(**context)
    return path, safe(error["msg"], limit=300)


def known_keys(path: Path) -> list[str]:
    """The keys that the table at a place may have; empty where any key may stand."""
    kind: Any = MappingFile
    for part in path:
        kind = _below(kind, part)
    if isinstance(kind, type) and issubclass(kind, BaseModel):
        return [field.alias or name for name, field in kind.model_fields.items()]
    return []


def words_at(path: Path) -> tuple[str, ...]:
    """The words of which one must stand at a place; empty where any text may."""
    kind: Any = MappingFile
    for part in path:
        kind = _below(kind, part)
    if kind is bool:
        return ("true", "false")
    return tuple(map(str, get_args(kind))) if get_origin(kind) is Literal else ()


def _below(kind: Any, part: str | int) -> Any:
    """The type one step further in: a field of a model, or a value of a dict or list."""
    if isinstance(kind, type) and issubclass(kind, BaseModel):
        for name, field in kind.model_fields.items():
            if part == (field.alias or name):
                return _core(field.annotation)
        return None
    values = [one for one in get_args(kind) if one is not ...]
    return _core(values[-1]) if values else None


def _core(kind: Any) -> Any:
    """The type inside Optional and Annotated."""
    while get_origin(kind) in (Annotated, Union, UnionType):
        given = get_args(kind)
        if get_origin(kind) is Annotated:
            kind = given[0]
        else:
            kind = next((one for one in given if one is not type(None)), None)
    return kind
