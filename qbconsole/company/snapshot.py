"""Company: everything we know about one company file, as one frozen value.

`decide` is given one of these and must not ask QuickBooks for more; a list whose `known` is false was never
read, so a name missing from it proves nothing.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from qbconsole.company.identity import Activity, CompanyIdentity, Host, Preferences
from qbconsole.company.limits import Fullness, ListName, fullness, limits_for
from qbconsole.company.lists import Chart, Entries, Items, Names
from qbconsole.company.renames import Renames


@dataclass(frozen=True, slots=True, kw_only=True)
class Company:
    """A company file as last read; parts never read are None or have `known` false."""

    name: str
    host: Host | None = None
    identity: CompanyIdentity | None = None
    preferences: Preferences | None = None
    activity: Activity | None = None
    chart: Chart = field(default_factory=Chart)
    items: Items = field(default_factory=Items)
    names: Names = field(default_factory=Names)
    classes: Entries = field(default_factory=Entries)
    terms: Entries = field(default_factory=Entries)
    payment_methods: Entries = field(default_factory=Entries)
    sales_tax_codes: Entries = field(default_factory=Entries)
    #: These are only read where a document names an entry of them.
    ship_methods: Entries = field(default_factory=Entries)
    customer_messages: Entries = field(default_factory=Entries)
    #: By their initials.
    sales_reps: Entries = field(default_factory=Entries)
    #: Forms that documents are printed on.
    templates: Entries = field(default_factory=Entries)
    sites: Entries = field(default_factory=Entries)
    #: Names that are gone because their entry is called otherwise now.
    renames: Renames = field(default_factory=dict)

    @property
    def fiscal_first_month(self) -> int:
        """The month the fiscal year begins with, January until QuickBooks told us."""
        return self.identity.fiscal_first_month if self.identity else 1

    def fullness(self) -> tuple[Fullness, ...]:
        """How full each list is that was read, fullest first."""
        used: dict[ListName, int] = {}
        if self.names.known:
            used |= {"names": len(self.names), "customers": len(self.names.customers)}
            used["vendors"] = len(self.names.vendors)
        if self.items.known:
            used["items"] = len(self.items)
        if self.chart.known:
            used["accounts"] = len(self.chart)
        if self.classes.known:
            used["classes"] = len(self.classes)
        if self.payment_methods.known:
            used["payment_methods"] = len(self.payment_methods)
        return fullness(used, limits_for(self.host))
