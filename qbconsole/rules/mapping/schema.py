"""The shape of mappings.toml, as pydantic models: every fault of a file is found at once, with its place.

Models only say what may be written; what it means is in `values`. Policies, modes and creation are taken
from `books.policy`, roles from `books.roles`, so that no word has two spellings.
Source: design.md section 4, accounting.md section 1.
"""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any, Literal, get_type_hints

from pydantic import BaseModel, ConfigDict, Field, create_model, model_validator

from qbconsole.books.documents.fields import FIELDS, NAMED_KINDS
from qbconsole.books.plan import DocumentKind
from qbconsole.books.policy import Creation, Modes, Numbers, Policy
from qbconsole.books.roles import ROLES
from qbconsole.rules.mapping.options.written import PluginOptions
from qbconsole.rules.mapping.words import (
    AccountName,
    Amount,
    ClockTime,
    DocumentKinds,
    Gateway,
    GatewayOrAny,
    HookAddress,
    Host,
    HouseName,
    Id,
    ListName,
    MemoText,
    MessageText,
    PartyName,
    PlainName,
    PluginNames,
    Prefix,
    RepInitials,
    RoleName,
    RolePatterns,
    ShipMethodName,
    SiteName,
    SkuFields,
    TemplateName,
    TermsName,
    Text,
    Texts,
    VendorName,
    refuse,
    short_for,
    switched,
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


_TAX = Annotated[TaxTable, short_for("item", PlainName | TaxTable)]

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
    barcode=dict[Text, ListName],
    product_type=dict[Text, ListName],
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


PaidAtOnce = Literal["SalesReceipt", "Invoice"]


class DocumentsTable(Table):
    """What a sale that is paid at once becomes: by location, else by channel, else the one for all."""

    sale: PaidAtOnce | None = None
    locations: dict[Text, PaidAtOnce] | None = None
    channels: dict[Text, PaidAtOnce] | None = None


class TermsTable(Table):
    """Terms of payment: the buyer's own, the buying company's, else by Shopify's name for them."""

    names: dict[Text, TermsName] | None = None
    companies: dict[Text, TermsName] | None = None
    buyers: dict[Text, TermsName] | None = None


class SalesRepsTable(Table):
    """The initials of the sales rep: by member of staff, location, channel, else the one for all."""

    sale: RepInitials | None = None
    staff: dict[Text, RepInitials] | None = None
    locations: dict[Text, RepInitials] | None = None
    channels: dict[Text, RepInitials] | None = None


TemplatesTable = _optional(
    "TemplatesTable",
    "Kind of document -> the form it is printed on.",
    dict.fromkeys(NAMED_KINDS, TemplateName),
)
MessagesTable = _optional(
    "MessagesTable",
    "Kind of document -> the message to the customer.",
    dict.fromkeys(NAMED_KINDS, MessageText),
)
MemosTable = _optional(
    "MemosTable",
    "Kind of document -> the words of its memo.",
    dict.fromkeys((kind.value for kind in DocumentKind), MemoText),
)


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
    order: Texts | None = None
    province: Texts | None = None
    status: Texts | None = None
    shipping: Texts | None = None
    terms: Texts | None = None
    staff: Texts | None = None
    barcode: Texts | None = None
    document: DocumentKinds | None = None
    amount: AmountBounds | None = None


class RuleTable(DateSpan):
    """One if-then rule; the first of several that fits answers."""

    when: WhenTable = Field(default_factory=WhenTable)
    account: AccountName | None = None
    item: ListName | None = None
    class_: ListName | None = Field(None, alias="class")
    customer: PartyName | None = None
    tax: PlainName | None = None
    vendor: VendorName | None = None
    payment_method: PlainName | None = None
    document: PaidAtOnce | None = None
    terms: TermsName | None = None
    sales_rep: RepInitials | None = None
    ship_method: ShipMethodName | None = None
    template: TemplateName | None = None
    customer_message: MessageText | None = None
    site: SiteName | None = None
    memo: MemoText | None = None
    hold: Text | None = None

    @model_validator(mode="after")
    def _decides(self) -> RuleTable:
        given = [name for name in OUTCOMES if getattr(self, "class_" if name == "class" else name)]
        if not given:
            raise refuse(f"says what must hold but not what then: give one of {', '.join(OUTCOMES)}")
        other = [name for name in given if name not in FIELDS]
        if self.when.document and other:
            raise refuse(f"asks for the kind of document, which is not known yet where {other[0]} is decided")
        return self


#: What a rule can decide.
OUTCOMES = (
    "account",
    "item",
    "class",
    "customer",
    "tax",
    "vendor",
    "payment_method",
    "document",
    *FIELDS,
    "hold",
)


class RegisteredTable(DateSpan):
    """Whether the merchant owes tax in a province, and from when until when; `true` alone is always."""

    registered: bool = True


_REGISTERED = Annotated[RegisteredTable, switched("registered", bool | RegisteredTable)]


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
    documents: DocumentsTable | None = None
    terms: TermsTable | None = None
    sales_reps: SalesRepsTable | None = None
    ship_methods: dict[Text, ShipMethodName] | None = None
    sites: dict[Text, SiteName] | None = None
    templates: TemplatesTable | None = None  # type: ignore[valid-type]
    messages: MessagesTable | None = None  # type: ignore[valid-type]
    memos: MemosTable | None = None  # type: ignore[valid-type]
    channels: dict[Text, Text] | None = None
    registered: dict[Text, _REGISTERED] | None = None
    numbers: _like(Numbers, prefix=Prefix) | None = None  # type: ignore[valid-type]
    policy: _like(Policy, restock_loss_role=RoleName) | None = None  # type: ignore[valid-type]
    modes: _like(Modes) | None = None  # type: ignore[valid-type]
    create: _like(Creation) | None = None  # type: ignore[valid-type]
    rules: list[RuleTable] | None = None
    plugin: PluginOptions | None = None


class PickTable(Table):
    """What passes a filter: only these, and not those."""

    only: Texts | None = None
    except_: Texts | None = Field(None, alias="except")


_PICK = Annotated[PickTable, short_for("only", Text | list[Text] | PickTable)]


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

    mode: Literal["daily", "every", "manual"] = "manual"
    at: ClockTime = "02:15"
    minutes: Annotated[int, Field(ge=5, le=1440)] = 60


class MerchantTable(LevelTables):
    """One shop, or a part of it, that posts into one company file."""

    company: Id | None = None
    shop: Host
    webhooks: HookAddress | None = None
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
