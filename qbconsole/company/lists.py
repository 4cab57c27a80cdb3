"""Collections of list records with the look-ups QuickBooks itself would make.

Names compare as QuickBooks compares them: without case, blanks around each part ignored. `known` says whether
the list was ever read: while it is false, "not found" proves nothing and nobody may add a record because of it.
Source: qbwc-protocol.md sections 9 and 15; design.md section 4 (how a mapping names an account).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Literal, Protocol, TypeAlias, TypeVar

from qbconsole.company.records import Account, Customer, Entry, Item, Vendor


class Listed(Protocol):
    """What every list record says of itself."""

    @property
    def is_active(self) -> bool:
        """Whether QuickBooks offers it; inactive records still hold their name."""
        ...


_Record = TypeVar("_Record", bound=Listed)
_Index: TypeAlias = Mapping[str, tuple[_Record, ...]]
#: What QuickBooks shows between an account's number and its name.
_NUMBER_SIGN = " · "
#: The item fields a SKU may stand in, chosen per merchant.
SkuField = Literal["name", "manufacturer_part_number", "barcode"]


def name_key(full_name: str) -> str:
    """The form in which two names are the same name to QuickBooks."""
    if ":" not in full_name:
        return full_name.strip().casefold()
    return ":".join(part.strip() for part in full_name.split(":")).casefold()


def _index(records: Iterable[_Record], key: Callable[[_Record], str]) -> _Index[_Record]:
    """Group records by a key, active ones first; records whose key is empty are left out."""
    found: dict[str, list[_Record]] = {}
    for record in records:
        if value := key(record):
            found.setdefault(value, []).append(record)
    return {value: tuple(sorted(group, key=_inactive_last)) for value, group in found.items()}


def _inactive_last(record: Listed) -> bool:
    return not record.is_active


def _first(found: _Index[_Record], key: str) -> _Record | None:
    group = found.get(key)
    return group[0] if group else None


@dataclass(frozen=True, slots=True)
class Chart:
    """The chart of accounts."""

    accounts: tuple[Account, ...] = ()
    known: bool = False
    _names: _Index[Account] = field(init=False, repr=False, compare=False)
    _numbers: _Index[Account] = field(init=False, repr=False, compare=False)
    _ids: _Index[Account] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_names", _index(self.accounts, lambda one: name_key(one.full_name)))
        object.__setattr__(self, "_numbers", _index(self.accounts, lambda one: one.number.strip()))
        object.__setattr__(self, "_ids", _index(self.accounts, lambda one: one.list_id))

    def __len__(self) -> int:
        return len(self.accounts)

    def __iter__(self) -> Iterator[Account]:
        return iter(self.accounts)

    def by_name(self, full_name: str) -> Account | None:
        """The account with this full name."""
        return _first(self._names, name_key(full_name))

    def by_number(self, number: str) -> Account | None:
        """The account with this number, an active one before inactive ones."""
        return _first(self._numbers, number.strip())

    def by_id(self, list_id: str) -> Account | None:
        """The account with this list id."""
        return _first(self._ids, list_id)

    def by_special(self, special_account_type: str) -> Account | None:
        """The account QuickBooks itself uses for a purpose: UndepositedFunds, SalesTaxPayable and the like."""
        wanted = special_account_type.casefold()
        matching = [one for one in self.accounts if one.special_account_type.casefold() == wanted]
        return min(matching, key=_inactive_last, default=None)

    def find(self, text: str) -> Account | None:
        """The account a mapping means: its full name, its number, or "4000 · Sales" as QuickBooks shows it.

        In the last form number and name must agree, else None.
        """
        named = self.by_name(text) or self.by_number(text)
        if named or _NUMBER_SIGN not in text:
            return named
        parts = [part.strip().rpartition(_NUMBER_SIGN) for part in text.split(":")]
        account = self.by_name(":".join(name for _, _, name in parts))
        return account if account and account.number.strip() == parts[-1][0].strip() else None


@dataclass(frozen=True, slots=True)
class Items:
    """All items, of every kind."""

    items: tuple[Item, ...] = ()
    known: bool = False
    _names: _Index[Item] = field(init=False, repr=False, compare=False)
    _leaves: _Index[Item] = field(init=False, repr=False, compare=False)
    _part_numbers: _Index[Item] = field(init=False, repr=False, compare=False)
    _barcodes: _Index[Item] = field(init=False, repr=False, compare=False)
    _ids: _Index[Item] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        indexes: dict[str, Callable[[Item], str]] = {
            "_names": lambda one: name_key(one.full_name),
            "_leaves": lambda one: name_key(one.name),
            "_part_numbers": lambda one: name_key(one.manufacturer_part_number),
            "_barcodes": lambda one: name_key(one.barcode),
            "_ids": lambda one: one.list_id,
        }
        for name, key in indexes.items():
            object.__setattr__(self, name, _index(self.items, key))

    def __len__(self) -> int:
        return len(self.items)

    def __iter__(self) -> Iterator[Item]:
        return iter(self.items)

    def by_name(self, full_name: str) -> Item | None:
        """The item with this full name."""
        return _first(self._names, name_key(full_name))

    def by_id(self, list_id: str) -> Item | None:
        """The item with this list id."""
        return _first(self._ids, list_id)

    def by_sku(self, sku: str, where: SkuField) -> tuple[Item, ...]:
        """Every item whose field holds this SKU, active ones first; more than one needs a person.

        By name the full name decides alone when it matches; else items under different parents may share it.
        """
        key = name_key(sku)
        if where == "manufacturer_part_number":
            return self._part_numbers.get(key, ())
        if where == "barcode":
            return self._barcodes.get(key, ())
        return self._names.get(key) or self._leaves.get(key, ())


@dataclass(frozen=True, slots=True)
class Names:
    """Customers, vendors and others: one name space, in which inactive records block a name too."""

    customers: tuple[Customer, ...] = ()
    vendors: tuple[Vendor, ...] = ()
    #: Employees and other names, where they were read.
    others: tuple[Entry, ...] = ()
    known: bool = False
    _names: _Index[Customer | Vendor | Entry] = field(init=False, repr=False, compare=False)
    _emails: _Index[Customer] = field(init=False, repr=False, compare=False)
    _ids: _Index[Customer | Vendor | Entry] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        everyone: tuple[Customer | Vendor | Entry, ...] = (*self.customers, *self.vendors, *self.others)
        object.__setattr__(self, "_names", _index(everyone, lambda one: name_key(one.full_name)))
        object.__setattr__(self, "_emails", _index(self.customers, lambda one: name_key(one.email)))
        object.__setattr__(self, "_ids", _index(everyone, lambda one: one.list_id))

    def __len__(self) -> int:
        return len(self.customers) + len(self.vendors) + len(self.others)

    def holder(self, full_name: str) -> Customer | Vendor | Entry | None:
        """Whoever holds this name; None where it is free."""
        return _first(self._names, name_key(full_name))

    def customer(self, full_name: str) -> Customer | None:
        """The customer with this full name; None also where a vendor or employee holds it."""
        found = self._names.get(name_key(full_name), ())
        return next((one for one in found if isinstance(one, Customer)), None)

    def vendor(self, full_name: str) -> Vendor | None:
        """The vendor with this name; None also where a customer or employee holds it."""
        found = self._names.get(name_key(full_name), ())
        return next((one for one in found if isinstance(one, Vendor)), None)

    def by_id(self, list_id: str) -> Customer | Vendor | Entry | None:
        """Whoever has this list id."""
        return _first(self._ids, list_id)

    def by_email(self, email: str) -> tuple[Customer, ...]:
        """Every customer with exactly this address, active ones first; more than one needs a person."""
        return self._emails.get(name_key(email), ())


@dataclass(frozen=True, slots=True)
class Entries:
    """One short list: classes, terms, payment methods or sales tax codes."""

    entries: tuple[Entry, ...] = ()
    known: bool = False
    _names: _Index[Entry] = field(init=False, repr=False, compare=False)
    _ids: _Index[Entry] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_names", _index(self.entries, lambda one: name_key(one.full_name)))
        object.__setattr__(self, "_ids", _index(self.entries, lambda one: one.list_id))

    def __len__(self) -> int:
        return len(self.entries)

    def __iter__(self) -> Iterator[Entry]:
        return iter(self.entries)

    def by_name(self, full_name: str) -> Entry | None:
        """The record with this name."""
        return _first(self._names, name_key(full_name))

    def by_id(self, list_id: str) -> Entry | None:
        """The record with this list id."""
        return _first(self._ids, list_id)
