"""What `d` holds, read from the classes themselves: for docs/templates.md and for `templates fields`."""

from __future__ import annotations

import types
import typing
from collections.abc import Iterable, Iterator
from datetime import date, datetime
from decimal import Decimal
from textwrap import TextWrapper
from typing import Any

import msgspec

from qbconsole.books.documents import Memo
from qbconsole.books.plan import DocumentKind
from qbconsole.money import Money
from qbconsole.qbxml.flat import LINE_FACTS, element_name
from qbconsole.qbxml.schema import Schema
from qbconsole.qbxml.templating.examples import Request, all_requests
from qbconsole.qbxml.templating.facts import OrderFacts
from qbconsole.value import Value

_PLAIN: dict[Any, str] = {
    Money: "amount: 12.50",
    Decimal: "number: 1.5",
    bool: "true or false",
    int: "whole number",
    date: "date: 2026-03-04",
    datetime: "date and time",
    Memo: "words with our key at the end",
}


_WRAP = TextWrapper(width=118, break_long_words=False, break_on_hyphens=False)


class FieldRow(Value):
    """One field of `d` or of a part of it."""

    #: "txn_date".
    name: str
    #: "TxnDate".
    element: str
    #: "date: 2026-03-04", "words, 4095 at most", "list of SalesLine".
    holds: str
    #: It may be None, and is left out then.
    optional: bool


class Described(Value):
    """A document, list entry or part with its fields."""

    #: "SalesReceipt", "SalesLine".
    name: str
    #: Template that is given it; "" for a part.
    template: str
    #: First line of its docstring.
    about: str
    fields: tuple[FieldRow, ...]


def described(schema: Schema) -> tuple[Described, ...]:
    """Every document, every list entry, and every part of theirs, in that order; questions are left out."""
    adds = [kind for kind in all_requests() if kind.request.endswith(("Add", "Mod"))]
    documents = {f"{kind}Add" for kind in DocumentKind}
    adds.sort(key=lambda kind: kind.request not in documents)
    parts: dict[str, tuple[Any, str, str]] = {}
    found = [_described(kind, kind.request, "", schema, parts) for kind in adds]
    done: dict[str, Described] = {}
    while waiting := [name for name in parts if name not in done]:
        for name in waiting:
            done[name] = _described(*parts[name], schema, parts)
    return (*found, *done.values())


def _described(
    kind: Any, request: str, above: str, schema: Schema, parts: dict[str, tuple[Any, str, str]]
) -> Described:
    hints = typing.get_type_hints(kind)
    elements = getattr(kind, "elements", {})
    rows = []
    for field in msgspec.structs.fields(kind):
        element = elements.get(field.name) or element_name(field.name)
        optional = types.NoneType in typing.get_args(hints[field.name])
        holds = _holds(hints[field.name], request, above + element, schema, parts)
        rows.append(FieldRow(name=field.name, element=element, holds=holds, optional=optional))
    if kind.__name__ in ("SalesLine", "SalesOrderLine", "EstimateLine"):
        rows += [
            FieldRow(name=name, element="", holds="words of the order line", optional=True)
            for name in LINE_FACTS
        ]
    about = (kind.__doc__ or "").partition("\n")[0]
    template = "" if above else getattr(kind, "template", "")
    return Described(name=kind.__name__, template=template, about=about, fields=tuple(rows))


def _holds(hint: Any, request: str, path: str, schema: Schema, parts: dict[str, tuple[Any, str, str]]) -> str:
    if isinstance(hint, types.UnionType):
        hint = next(one for one in typing.get_args(hint) if one is not types.NoneType)
    if typing.get_origin(hint) is tuple:
        return f"list of {_holds(typing.get_args(hint)[0], request, path, schema, parts)}"
    if hint in _PLAIN:
        return _PLAIN[hint]
    if isinstance(hint, type) and issubclass(hint, Value):
        parts.setdefault(hint.__name__, (hint, request, f"{path}/"))
        return hint.__name__
    if path.endswith("Ref"):
        return "full name of a list entry"
    field = schema.fields.get((request, path))
    if field is None or not field.is_text:
        return "text"
    return f"words, {field.limit} at most" if field.limit else "words"


def order_fields() -> Iterator[FieldRow]:
    """The fields of `d.order`."""
    hints = typing.get_type_hints(OrderFacts)
    for field in msgspec.structs.fields(OrderFacts):
        is_list = typing.get_origin(hints[field.name]) is tuple
        holds = "list of words" if is_list else "words"
        yield FieldRow(name=field.name, element="", holds=holds, optional=not is_list)


def as_markdown(every: Iterable[Described]) -> str:
    """The part of docs/templates.md that is made from the classes: a paragraph each."""
    lines = ["### d.order", "", _sentence(order_fields()), ""]
    for one in every:
        about = f"`{one.template}`: {one.about}" if one.template else one.about
        lines += [f"### {one.name}", "", about, "", _sentence(one.fields), ""]
    return "\n".join(lines).rstrip()


def _sentence(rows: Iterable[FieldRow]) -> str:
    return "\n".join(_WRAP.wrap(", ".join(map(_word, rows)) + "."))


def _word(row: FieldRow) -> str:
    """ "`ref_number`? (words, 11 at most)"; what a name itself tells is left out."""
    element = f"{row.element}: " if row.element and row.element != element_name(row.name) else ""
    told = "" if row.name.endswith("_ref") or row.name.endswith("_date") else row.holds
    note = f" ({element}{told})" if element or told else ""
    return f"`{row.name}`{'?' if row.optional else ''}{note}"


def fields_of(name: str, every: Iterable[Described]) -> list[Described]:
    """A document or list entry by its name or its template's, with the parts it is made of; empty where there is none."""
    known = {one.name: one for one in every}
    wanted = name.removesuffix(".xml.j2").removesuffix("_add").replace("_", "").casefold()
    first = next((one for one in known.values() if one.name.casefold() == wanted), None)
    found = [first] if first else []
    for one in found:
        parts = (known.get(row.holds.rpartition(" ")[2]) for row in one.fields)
        found += [part for part in parts if part is not None and part not in found]
    return found


def requests_by_template() -> dict[str, type[Request]]:
    """Template -> the class whose request it writes."""
    return {kind.template: kind for kind in all_requests()}
