"""Documents as flat values of text: what a template sees as `d`.

Every value is already what QuickBooks will store: words fitted to letters and length, amounts with two
decimals, dates as YYYY-MM-DD, yes and no as true and false; what is None stays None and is left out. So a
template only lays out, and cannot round, cut or reformat. Keys (ids, GUIDs, choices), document numbers and
names that are pointed at are never cut: requests.xsd refuses what is too long, and the document is held.
"""

from __future__ import annotations

import types
import typing
from collections.abc import Callable, Mapping
from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal
from functools import cache
from operator import attrgetter
from typing import Any

import msgspec
from jinja2 import StrictUndefined

from qbconsole.books.documents import Memo
from qbconsole.money import Money
from qbconsole.qbxml.generated.unrolled import Rule, Way, unrolled
from qbconsole.qbxml.schema import Schema
from qbconsole.qbxml.text import Fitted, fit, fit_memo, fit_name, fit_reference, is_plain
from qbconsole.value import Value

#: Words of a field's name that qbXML writes in its own way.
_SPELLED = {
    "ar": "AR",
    "ap": "AP",
    "cogs": "COGS",
    "fob": "FOB",
    "guid": "GUID",
    "id": "ID",
    "po": "PO",
}
#: Fields where a line break is kept; a blank stands for it everywhere else.
BREAKS = frozenset({"Memo", "Desc", "SalesDesc", "PurchaseDesc", "ItemDesc", "Notes"})
#: Identity: cut, it would be another document's or another field's.
NEVER_CUT = frozenset({"RefNumber", "RefNumberCaseSensitive", "DataExtName", "DataExtValue", "BarCode"})
#: Lines that sell something.
_SOLD = frozenset({"SalesLine", "SalesOrderLine", "EstimateLine"})
#: Fields of an order line that stand beside their own, for templates to print (`templating.facts`).
LINE_FACTS = ("title", "sku", "barcode", "variant_id", "product_type", "vendor")
#: So many texts of one field are remembered; then all are forgotten, which only costs time.
_REMEMBERED = 4_096
_PLACES = 5
_FIVE_PLACES = Decimal(1).scaleb(-_PLACES)


class Loss(Value, kw_only=False):
    """What of a value QuickBooks will not keep."""

    #: "SalesReceiptAdd/Memo".
    path: str
    before: str
    after: str
    #: A clause: "cut from 120 to 41 characters".
    what: str


class View:
    """Base of all flat values; templates may read their fields without further questions."""

    # No struct itself: `isinstance` is asked once a field, and takes twice as long where a metaclass has a say.
    __slots__ = ()

    def __getattr__(self, name: str) -> StrictUndefined:
        """A field the document does not have is undefined in a template: an error unless it is asked about."""
        return StrictUndefined(obj=self, name=name)


def element_name(field: str) -> str:
    """Spell a field's name as qbXML does: "ar_account_ref" -> "ARAccountRef"."""
    return "".join(_SPELLED.get(word, word.capitalize()) for word in field.split("_"))


def number(value: Decimal) -> str:
    """Write a rate or count plainly, to five decimals at most, rounded half away from zero."""
    text = str(value)
    if "E" in text:
        text = f"{value:f}"
    if len(text) - text.find(".") - 1 > _PLACES and "." in text:
        text = f"{value.quantize(_FIVE_PLACES, rounding=ROUND_HALF_UP):f}"
    return text


def amount(value: Money) -> str:
    """Write money with two decimals, or with as many as its currency has beyond that."""
    text = str(value.amount)
    # Money keeps its currency's decimals, so this is the text already, but for a negative zero.
    return text if text[-3:-2] == "." and text != "-0.00" else value.text()


def written(value: object) -> str:
    """Write any value that is no outside text the way qbXML wants it."""
    if isinstance(value, Money):
        return amount(value)
    if isinstance(value, Decimal):
        return number(value)
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, datetime):
        # The wall clock alone: QuickBooks' own offsets are wrong in summer (protocol notes, section 8).
        return value.replace(tzinfo=None).isoformat(timespec="seconds")
    if isinstance(value, date):
        return value.isoformat()
    return str(value)


class Flattener:
    """Turns documents into views; the plan for a class is made once."""

    def __init__(self, schema: Schema) -> None:
        self._schema = schema
        self._plans: dict[type, Rule] = {}

    def view(self, document: Any, request_id: str, wanted: tuple[str, ...], losses: list[Loss]) -> View:
        """Give the flat view of a document, with the two values every request has."""
        kind = type(document)
        plan = self._plans.get(kind)
        if plan is None:
            plan = self._plans[kind] = self._plan(kind, kind.request, "", top=True)
        view = plan(document, losses)
        view.request_id = request_id
        if wanted:
            view.include_ret_elements = wanted
        flat: View = view
        return flat

    def _plan(self, kind: type[Value], request: str, above: str, *, top: bool = False) -> Rule:
        """Make the function that turns one value into its view."""
        ways = self.ways(kind, request, above)
        return unrolled(_view_of(kind, top), tuple(ways), tuple(ways.values()))

    def ways(self, kind: type[Value], request: str, above: str) -> Mapping[str, Way]:
        """How each field of a class is written; `above` is the path to it within the request, with a slash."""
        hints = _hints(kind)
        elements: Mapping[str, str] = getattr(kind, "elements", {})
        return {
            name: self._way(hints[name], request, above + elements.get(name, element_name(name)))
            for name in kind.__struct_fields__
        }

    def _way(self, hint: Any, request: str, path: str) -> Way:
        """Choose how values of one field are written, by their declared type."""
        wanted = _without_none(hint)
        if typing.get_origin(wanted) is tuple:
            each = self._way(typing.get_args(wanted)[0], request, path)
            return Way(_each(each.rule), many=True, each=each)
        if wanted is str:
            return self._words(request, path)
        if wanted is Memo:
            return Way(self._memo(request, path))
        if wanted is Money:
            return Way(lambda value, losses: amount(value), bare=True)
        if isinstance(wanted, type) and issubclass(wanted, Value):
            return Way(self._nested(wanted, request, f"{path}/"), inner=(wanted, f"{path}/"))
        if wanted is Decimal:
            return Way(_number_rule(f"{request}/{path}"), bare=True)
        return Way(lambda value, losses: written(value))

    def _nested(self, kind: type[Value], request: str, above: str) -> Rule:
        """Plan a value inside a document when the first one comes: few documents have, say, an address."""
        plan: Rule | None = None

        def nested(value: Any, losses: list[Loss]) -> Any:
            nonlocal plan
            plan = plan or self._plan(kind, request, above)
            return plan(value, losses)

        return nested

    def _words(self, request: str, path: str) -> Way:
        """Choose how words, names and keys of one field are fitted."""
        element = path.rpartition("/")[2]
        field = self._schema.fields.get((request, path))
        limit: int | None = None
        fitting: Callable[[str], Fitted]
        if element.endswith("Ref") or element == "FullName":
            fitting = fit_reference
        elif field is None or not field.is_text:
            return Way(None)
        elif element in NEVER_CUT:
            return Way(_fitting(fit, None, f"{request}/{path}", None))
        else:
            limit, fitting = field.limit, lambda value: fit(value, field.limit, breaks=element in BREAKS)
        known: dict[str, str] = {}
        if element == "Name":
            return Way(_fitting(lambda value: fit_name(value, limit), -1, f"{request}/{path}", known), known)
        return Way(_fitting(fitting, limit, f"{request}/{path}", known), known)

    def _memo(self, request: str, path: str) -> Rule:
        field = self._schema.fields[request, path]
        limit, place = field.limit or 1 << 30, f"{request}/{path}"

        def memo(value: Memo, losses: list[Loss]) -> str:
            if is_plain(value.text) and value.text and len(value.text) + len(value.key) + 3 <= limit:
                return f"{value.text} [{value.key}]" if value.key else value.text
            return _fitted(fit_memo(value.text, value.key, limit), place, value.text, losses)

        return memo


@cache
def _hints(kind: type) -> Mapping[str, Any]:
    return typing.get_type_hints(kind)


@cache
def _view_of(kind: type[Value], top: bool) -> Callable[..., Any]:
    """The flat class of one value; a document's own has what every request has besides."""
    members: list[Any] = list(kind.__struct_fields__)
    if kind.__name__ in _SOLD:
        members += [(name, str, None) for name in LINE_FACTS]
    if top:
        members.append(("order", Any, None))
    if top and "include_ret_elements" not in members:
        members.append(("include_ret_elements", tuple, ()))
    if top:
        members.append(("request_id", str, ""))
    return msgspec.defstruct(f"{kind.__name__}View", members, bases=(View, msgspec.Struct), gc=False)


def _each(rule: Rule | None) -> Rule:
    if rule is None:
        return lambda values, losses: tuple(values)
    return lambda values, losses: tuple([rule(value, losses) for value in values])


def _fitting(
    fit_it: Callable[[str], Fitted], most: int | None, place: str, known: dict[str, str] | None
) -> Rule:
    """The rule for words; a plain text of at most `most` characters (None: any number) is left as it is.

    What nothing was lost of is remembered in `known`: a loss is told each time.
    """
    longest = 1 << 30 if most is None else most

    def words(value: str, losses: list[Loss]) -> str:
        # What is_plain says, written out: most values of a busy day end here.
        if value.isascii() and value.isprintable() and len(value) <= longest and value.strip() == value:
            text = value
        else:
            fitted = fit_it(value)
            text = fitted.text
            if fitted.loss:
                losses.append(Loss(place, value, text, fitted.loss))
                return text
        if known is not None:
            if len(known) >= _REMEMBERED:
                known.clear()
            known[value] = text
        return text

    return words


def _fitted(fitted: Fitted, place: str, before: str, losses: list[Loss]) -> str:
    if fitted.loss:
        losses.append(Loss(place, before, fitted.text, fitted.loss))
    return fitted.text


def values_of(names: list[str]) -> Callable[[Any], tuple[Any, ...]]:
    """Read many fields at once; attrgetter gives no tuple for less than two."""
    if len(names) > 1:
        return attrgetter(*names)
    return lambda each: tuple([getattr(each, name) for name in names])


def _number_rule(place: str) -> Rule:
    def rule(value: Decimal, losses: list[Loss]) -> str:
        text = number(value)
        if text.isdigit():
            return text
        if value.is_finite() and Decimal(text) != value:
            losses.append(Loss(place, f"{value:f}", text, f"rounded to {_PLACES} decimals"))
        return text

    return rule


def _without_none(hint: Any) -> Any:
    if isinstance(hint, types.UnionType):
        return next(member for member in typing.get_args(hint) if member is not types.NoneType)
    return hint
