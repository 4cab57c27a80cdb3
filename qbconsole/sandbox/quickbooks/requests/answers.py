"""Writing answers as QuickBooks does: elements, numbers, and the ...Ret of list records in its order.

Non-ASCII is written as numeric entities. Documents are in `documentanswers`.
"""

from __future__ import annotations

from collections.abc import Collection
from decimal import Decimal
from functools import lru_cache

from qbconsole.sandbox.quickbooks.file.companyfile import CompanyFile
from qbconsole.sandbox.quickbooks.file.kinds import LISTS
from qbconsole.sandbox.quickbooks.file.records import Definition, Entry, Reference, Value


@lru_cache(maxsize=8192)
def escaped(text: str) -> str:
    """Text for XML, everything beyond ASCII as a numeric entity."""
    if "&" in text or "<" in text or ">" in text:
        text = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return text if text.isascii() else text.encode("ascii", "xmlcharrefreplace").decode("ascii")


def attribute(text: str) -> str:
    """Text for an XML attribute."""
    return escaped(text).replace('"', "&quot;").replace("\n", " ")


def element(file: CompanyFile, name: str, value: Value) -> str:
    """One element with its content."""
    if isinstance(value, str):
        return f"<{name}>{escaped(value)}</{name}>\n"
    if isinstance(value, Reference):
        entry = file.entries.get(value.list_id)
        full = "" if entry is None else f"<FullName>{escaped(entry.full_name)}</FullName>\n"
        return f"<{name}>\n<ListID>{value.list_id}</ListID>\n{full}</{name}>\n"
    if value.parts and value.parts[0][0] == name:  # an element that repeats, such as a tax group's members
        return "".join(element(file, part, content) for part, content in value.parts)
    inside = "".join(element(file, part, content) for part, content in value.parts)
    return f"<{name}>\n{inside}</{name}>\n"


def money(amount: Decimal) -> str:
    """An amount with two decimals."""
    return f"{amount:.2f}"


def plain(number: Decimal) -> str:
    """A number without exponent and without zeros at its end."""
    text = f"{number:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def price(number: Decimal) -> str:
    """A price: at least two decimals, at most five."""
    text = plain(number)
    whole, _, part = text.partition(".")
    return f"{whole}.{part:0<2}"


def reference(file: CompanyFile, list_id: str) -> Reference | None:
    """A reference to a record by its ListID, if there is one."""
    entry = file.entries.get(list_id)
    return None if entry is None else Reference(entry.family, list_id)


# -- lists ---------------------------------------------------------------------------------------------


def entry_answer(
    file: CompanyFile, entry: Entry, wanted: frozenset[str] = frozenset(), owners: Collection[str] = ()
) -> str:
    """The ...Ret of a list record."""
    kind = LISTS[entry.family]
    values = {**entry.fields, **_entry_computed(file, entry)}
    out = []
    for name in _told(entry.family, wanted):
        value = values.get(name)
        if value is None:
            continue
        # Most are texts: an entry is told thousands of times.
        text = f"<{name}>{escaped(value)}</{name}>\n" if type(value) is str else element(file, name, value)
        out.append(text)
    if not wanted or "DataExtRet" in wanted:
        out.append(custom_answer(file.definitions, entry.custom, owners))
    return f"<{kind.ret}>\n{''.join(out)}</{kind.ret}>\n"


@lru_cache(maxsize=256)
def _told(family: str, wanted: frozenset[str]) -> tuple[str, ...]:
    """The elements that may be told, in QuickBooks' order; all of them where none are named."""
    order = LISTS[family].order
    return tuple(name for name in order if name in wanted) if wanted else order


def _entry_computed(file: CompanyFile, entry: Entry) -> dict[str, Value]:
    values: dict[str, Value] = {
        "ListID": entry.list_id,
        "TimeCreated": entry.created,
        "TimeModified": entry.modified,
        "EditSequence": entry.edit_sequence,
        "Name": entry.name,
        "Initial": entry.name,
        "FullName": entry.full_name,
        "IsActive": "true" if entry.active else "false",
        "Sublevel": str(entry.full_name.count(":")),
    }
    if entry.parent:
        values["ParentRef"] = Reference(entry.family, entry.parent)
    if entry.family == "Account":
        values["Balance"] = money(file.balance_shown(entry))
        values["TotalBalance"] = money(file.total_shown(entry))
    elif entry.family == "Customer":
        values["Balance"] = values["TotalBalance"] = money(file.owed[entry.list_id])
    elif entry.family == "Vendor":
        values["Balance"] = money(-file.owed[entry.list_id])
    elif entry.stock is not None:
        values["QuantityOnHand"] = plain(entry.stock.quantity)
        values["AverageCost"] = price(round(entry.stock.unit_cost(), 2))
        values["QuantityOnOrder"] = plain(file.to_come.units("PurchaseOrder", entry.list_id))
        values["QuantityOnSalesOrder"] = plain(file.to_come.units("SalesOrder", entry.list_id))
    return values


def custom_answer(definitions: dict[str, Definition], held: dict[str, str], owners: Collection[str]) -> str:
    """DataExtRet rows of the owners asked for."""
    out = []
    for key, value in held.items():
        definition = definitions[key]
        if definition.owner.lower() in owners:
            out.append(custom_row(definition, value))
    return "".join(out)


def custom_row(definition: Definition, value: str) -> str:
    """One DataExtRet."""
    return (
        f"<DataExtRet>\n<OwnerID>{escaped(definition.owner)}</OwnerID>\n"
        f"<DataExtName>{escaped(definition.name)}</DataExtName>\n"
        f"<DataExtType>{definition.sort}</DataExtType>\n"
        f"<DataExtValue>{escaped(value)}</DataExtValue>\n</DataExtRet>\n"
    )
