"""What a request is worked on with: the file, the time, what happened earlier in the set; and its reply."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import TypeAlias

from qbconsole.sandbox.quickbooks.file.companyfile import CompanyFile
from qbconsole.sandbox.quickbooks.file.kinds import POINTS_TO
from qbconsole.sandbox.quickbooks.file.records import Entry, Reference, Refused, Value
from qbconsole.sandbox.quickbooks.requests.given import Given

_LABELS = {
    "Entity": "Entity",
    "ItemSalesTax": "Sales Tax Item",
    "SalesTaxCode": "Sales Tax Code",
    "PaymentMethod": "Payment Method",
}
#: What a reference may mean besides: a document's tax is one tax item or a group of them.
_OR_ELSE = {"ItemSalesTaxRef": "ItemSalesTaxGroup"}
_TAX_REFS = frozenset({"SalesTaxCodeRef", "ItemSalesTaxRef", "CustomerSalesTaxCodeRef"})


@dataclass(slots=True, kw_only=True)
class Reply:
    """The inside of one ...Rs element; code 0 is fine, 500 to 999 are warnings."""

    body: str = ""
    code: int = 0
    message: str = "Status OK"
    #: Further attributes: retCount, iteratorRemainingCount, iteratorID.
    extra: dict[str, str] = field(default_factory=dict)


@dataclass(slots=True, kw_only=True)
class Iterator:
    """What an iterator has still to give; it lives only as long as the session."""

    tag: str
    keys: list[str]


@dataclass(slots=True, kw_only=True)
class Desk:
    """The state one message set is worked on with."""

    file: CompanyFile
    now: datetime
    #: The same instant as QuickBooks writes it.
    stamp: str
    mode: str
    #: A payment that only uses credits is no document.
    bare_credits: bool = False
    iterators: dict[str, Iterator]
    #: Date of the document last saved, by kind: what QuickBooks proposes when none is given.
    last_dates: dict[str, date]
    macros: dict[str, str] = field(default_factory=dict)
    #: Warnings of the request at hand: saved, but not as asked.
    warnings: list[tuple[int, str]] = field(default_factory=list)

    def warn(self, code: int, message: str) -> None:
        """Add a warning to the reply of the request at hand."""
        self.warnings.append((code, message))

    def warned(self, code: int) -> bool:
        """Whether the request at hand has that warning."""
        return any(known == code for known, _ in self.warnings)

    def entry(self, given: Given, name: str, where: str, group: str = "") -> Entry | None:
        """The record a reference names; None when none is given. Codes 3140, 3250."""
        named = given.named(name)
        if named is None:
            return None
        if name in _TAX_REFS and not self.file.preferences.sales_tax:
            raise Refused(
                3250, f"{name} is not allowed in the {where}: sales tax is turned off in this company."
            )
        other = "" if group else _OR_ELSE.get(name, "")
        group = group or POINTS_TO[name]
        found = self.file.find(group, named.list_id, named.full_name)
        if found is None and other:
            found = self.file.find(other, named.list_id, named.full_name)
        if found is None:
            raise Refused(
                3140,
                f"There is an invalid reference to QuickBooks {_LABELS.get(group, group)} "
                f'"{named.list_id or named.full_name}" in the {where}.  QuickBooks error message: '
                "Invalid argument.  The specified record does not exist in the list.",
            )
        return found

    def required(self, given: Given, name: str, where: str, group: str = "") -> Entry:
        """Like `entry`, but code 3150 when the reference is missing."""
        found = self.entry(given, name, where, group)
        if found is None:
            raise missing(name, where)
        return found

    def reference(self, given: Given, name: str, where: str, group: str = "") -> Reference | None:
        """The stored form of a reference; a class is dropped with warning 530 when classes are off."""
        if name == "ClassRef" and not self.file.preferences.class_tracking:
            if given.named(name) is not None:
                self.warn(
                    530, f'The field "ClassRef" in the {where} is not supported: class tracking is off.'
                )
            return None
        found = self.entry(given, name, where, group)
        return None if found is None else Reference(found.family, found.list_id)

    def collect(self, given: Given, order: tuple[str, ...], computed: frozenset[str]) -> dict[str, Value]:
        """Everything to be kept and echoed: what is in the answer's order and not computed by us."""
        where = given.tag.removesuffix("Add")
        fields: dict[str, Value] = {}
        for name in given.names():
            if name not in order or name in computed:
                continue
            if name in POINTS_TO:
                reference = self.reference(given, name, where)
                if reference is not None:
                    fields[name] = reference
            elif (value := given.kept(name)) != "":
                fields[name] = _spelled(name, value)
        return fields

    def txn_id(self, given: Given, name: str = "TxnID") -> str:
        """A TxnID, given or by macro."""
        part = given.part(name)
        macro = part.attribute("useMacro") if part is not None else ""
        if macro:
            if macro not in self.macros:
                raise Refused(9100, f'The macro "{macro}" is not defined in this message set.')
            return self.macros[macro]
        return given.text(name)


Handler: TypeAlias = Callable[[Desk, Given], Reply]


def missing(name: str, where: str) -> Refused:
    """The refusal of a request that lacks something."""
    return Refused(3150, f'There is a missing element: "{name}" in the {where}.')


def inner(request: Given) -> Given:
    """The aggregate inside a request: SalesReceiptAdd in SalesReceiptAddRq."""
    name = request.tag.removesuffix("Rq")
    given = request.part(name)
    if given is None:
        raise missing(name, request.tag)
    return given


def _spelled(name: str, value: Value) -> Value:
    return (
        {"1": "true", "0": "false"}.get(value, value)
        if name.startswith("Is") and isinstance(value, str)
        else value
    )
