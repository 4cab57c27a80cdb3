"""The shape of mappings.toml, as pydantic models: every fault of a file is found at once, with its place.

Models only say what may be written; what it means is in `values`. Policies, modes and creation are taken
from `books.policy`, roles from `books.roles`, so that no word has two spellings.
Source: design.md section 4, accounting.md section 1.
"""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any, Literal, get_type_hints

from pydantic import BaseModel, ConfigDict, Field, create_model, model_validator

from qbconsole.books.policy import Creation, Modes, Policy
from qbconsole.books.roles import ROLES
from qbconsole.rules.mapping.words import (
    AccountName,
    Amount,
    ClockTime,
    Gateway,
    GatewayOrAny,
    Host,
    HouseName,
    Id,
    ListName,
    PartyName,
    PlainName,
    PluginNames,
    RoleName,
    RolePatterns,
    SkuFields,
    Text,
    Texts,
    VendorName,
    refuse,
    short_for,
)


class Table(BaseModel):
    """A table in which a misspelt key is a fault and "1" is not 1."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


def _optional(name: str, doc: str, fields: dict[str, Any], **annotations: Any) -> type[Table]:
    """A table whose keys are given by data, all of them optional."""
    given: dict[str, Any] = {key: (kind | None, None) for key, kind in (fields | annotations).items()}
    return create_model(name, __base__=Table, __doc__=doc, **given)


def _like(dataclass: type, **annotations: Any) -> type[Table]:
    """The optional table of a dataclass of `books.policy`."""
    return _optional(dataclass.__name__, dataclass.__doc__ or "", get_type_hints(dataclass), **annotations)


class AmountBounds(Table):
    """at_least is inclusive, below exclusive; without sign, in the shop's currency."""

    at_least: Amount | None = None
    below: Amount | None = None


class DateSpan(Table):
    """from is inclusive, until exclusive: the shop's dates."""

    from_: date | None = Field(None, alias="from")
    until: date | None = None

    @model_validator(mode="after")
    def _in_order(self) -> DateSpan:
        if self.from_ and self.until and self.from_ >= self.until:
            raise refuse(f"ends before it begins: from {self.from_} until {self.until} holds no day")
        return self


class TaxTable(Table):
    """One tax: a text alone is its sales-tax item. `group` is for `tax = "quickbooks"`, also of "one + another"."""

    item: PlainName | None = None
    group: PlainName | None = None
    agency: VendorName | None = None
    charge: ListName | None = None

    @model_validator(mode="after")
    def _says_something(self) -> TaxTable:
        if not (self.item or self.charge or self.group):
            raise refuse(
                "names neither `item` (a sales-tax item) nor `charge` (an other-charge item) nor `group` (a tax group)"
            )
        return self


_TAX = Annotated[TaxTable, short_for("item")]

AccountsTable = _optional("AccountsTable", "Role -> account.", dict.fromkeys(ROLES, AccountName))
ItemsTable = _optional(
    "ItemsTable",
    "Role -> item for the lines that are no product; and how products find their item.",
    {role.name: ListName for role in ROLES.values() if role.item},
    product=Literal["sku", "single"],
    misc=ListName,
    zero_tax=PlainName,
    subtotal=ListName,
    payment=ListName,
    match=SkuFields,
    sku=dict[Text, ListName],
    variant=dict[Text, ListName],
)


class CustomersTable(Table):
    """The house customer of a channel, and buyers and companies by name."""

    house: HouseName | None = None
    buyers: dict[Text, PartyName] | None = None
    companies: dict[Text, PartyName] | None = None


class VendorsTable(Table):
    """The house vendor, and the shop's vendors by name."""

    house: VendorName | None = None
    names: dict[Text, VendorName] | None = None


class ClassesTable(Table):
    """The class of a whole sale: by location, else by channel, else the one for all."""

    sale: ListName | None = None
    locations: dict[Text, ListName] | None = None
    channels: dict[Text, ListName] | None = None


class WhenTable(Table):
    """Conditions of a rule: all must hold; of several texts any one will do; * stands for anything."""

    role: RolePatterns | None = None
    product_type: Texts | None = None
    sku: Texts | None = None
    vendor: Texts | None = None
    title: Texts | None = None
    location: Texts | None = None
    channel: Texts | None = None
    gateway: Texts | None = None
    tag: Texts | None = None
    customer: Texts | None = None
    amount: AmountBounds | None = None


class RuleTable(DateSpan):
    """One if-then rule; the first of several that fits answers."""

    when: WhenTable = Field(default_factory=WhenTable)
    account: AccountName | None = None
    item: ListName | None = None
    class_: ListName | None = Field(None, alias="class")
    customer: PartyName | None = None
    tax: PlainName | None = None
    payment_method: PlainName | None = None
    document: Literal["SalesReceipt", "Invoice"] | None = None
    hold: Text | None = None

    @model_validator(mode="after")
    def _decides(self) -> RuleTable:
        if not any(getattr(self, name) for name in OUTCOME_FIELDS):
            raise refuse(f"says what must hold but not what then: give one of {', '.join(OUTCOMES)}")
        return self


#: What a rule can decide, as written and as Python must name it.
OUTCOMES = ("account", "item", "class", "customer", "tax", "payment_method", "document", "hold")
OUTCOME_FIELDS = tuple("class_" if name == "class" else name for name in OUTCOMES)


class LevelTables(Table):
    """What both [defaults] and a merchant may hold."""

    accounts: AccountsTable | None = None  # type: ignore[valid-type]
    clearing: dict[Gateway, AccountName] | None = None
    items: ItemsTable | None = None  # type: ignore[valid-type]
    taxes: dict[Text, _TAX] | None = None
    payment_methods: dict[GatewayOrAny, PlainName] | None = None
    customers: CustomersTable | None = None
    vendors: VendorsTable | None = None
    classes: ClassesTable | None = None
    channels: dict[Text, Text] | None = None
    policy: _like(Policy, restock_loss_role=RoleName) | None = None  # type: ignore[valid-type]
    modes: _like(Modes) | None = None  # type: ignore[valid-type]
    create: _like(Creation) | None = None  # type: ignore[valid-type]
    rules: list[RuleTable] | None = None


class PickTable(Table):
    """What passes a filter: only these, and not those."""

    only: Texts | None = None
    except_: Texts | None = Field(None, alias="except")


_PICK = Annotated[PickTable, short_for("only")]


class FiltersTable(Table):
    """Which orders of the shop are this merchant's to book; the rest is listed as filtered."""

    value: AmountBounds | None = None
    location: _PICK | None = None
    channel: _PICK | None = None
    tag: _PICK | None = None
    status: _PICK | None = None
    date: DateSpan | None = None


class ScheduleTable(Table):
    """When to sync unasked."""

    mode: Literal["daily", "manual"] = "manual"
    at: ClockTime = "02:15"


class MerchantTable(LevelTables):
    """One shop, or a part of it, that posts into one company file."""

    company: Id | None = None
    shop: Host
    plugins: PluginNames = ()
    start: date | None = None
    schedule: ScheduleTable | None = None
    filters: FiltersTable | None = None


class CompanyTable(Table):
    """One QuickBooks company file."""

    name: Text
    file: Text | None = None
    country: Annotated[str, Field(pattern="^[A-Z]{2}$")] = "US"
    closing_date: date | None = None
    fiscal_year_start: Annotated[int, Field(ge=1, le=12)] | None = None


class MappingFile(Table):
    """The whole of mappings.toml."""

    schema_: Literal[1] = Field(alias="schema")
    companies: dict[Id, CompanyTable] = Field(default_factory=dict)
    defaults: LevelTables = Field(default_factory=LevelTables)
    merchants: dict[Id, MerchantTable] = Field(default_factory=dict)
