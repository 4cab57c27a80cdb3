"""Which QuickBooks and which company file we talk to, and how it is set up.

Facts from HostQuery, CompanyQuery, PreferencesQuery and CompanyActivityQuery; whether they are acceptable is
decided elsewhere. QuickBooks states a wrong UTC offset during daylight saving, so its times stay local wall
time as text and are only compared with each other.
Source: qbwc-protocol.md sections 2, 8 and 17; reliability.md finding 2.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date

from qbconsole.company.records import NO_REF, Ref

_WALL = re.compile(r"(\d{4}-\d\d-\d\d)(?:T(\d\d:\d\d:\d\d))?")


def wall_time(text: str) -> str:
    """Drop the offset: "2026-07-01T10:00:00-05:00" -> "2026-07-01T10:00:00"; "" when it is no time.

    Such texts of one company file compare in time order, apart from the one ambiguous hour in autumn.
    """
    match = _WALL.match(text.strip())
    return f"{match[1]}T{match[2] or '00:00:00'}" if match else ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Host:
    """The QuickBooks program that answers."""

    #: "QuickBooks Pro 2014".
    product: str
    #: "24.0".
    version: str
    #: "US"; other editions speak another qbXML and are refused before anything is written.
    country: str
    #: As listed: "1.0" … "16.0", perhaps with a country's prefix ("CA3.0").
    supported_versions: tuple[str, ...] = ()
    #: SingleUser or MultiUser, "" when not stated.
    mode: str = ""

    @property
    def is_us(self) -> bool:
        """Whether this is the US edition, the only one we write to."""
        return self.country.strip().upper() == "US"

    @property
    def highest_version(self) -> str:
        """The newest plain qbXML version it speaks ("16.0"), or "" when it named none."""
        plain = [text for text in self.supported_versions if re.fullmatch(r"\d{1,3}\.\d{1,3}", text)]
        return max(plain, key=lambda text: tuple(int(part) for part in text.split(".")), default="")


@dataclass(frozen=True, slots=True, kw_only=True)
class PrivateValue:
    """One custom field: `owner_id` is a GUID in braces for private data, "0" for what users see."""

    owner_id: str
    name: str
    value: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class CompanyIdentity:
    """What the open company file says it is."""

    name: str
    legal_name: str = ""
    #: The lines of the address block, empty ones left out.
    address: tuple[str, ...] = ()
    country: str = ""
    email: str = ""
    phone: str = ""
    #: 1 = January.
    fiscal_first_month: int = 1
    is_sample: bool = False
    #: Private data under the OwnerIDs that were asked for: our marker, the Web Connector's FileID and AppLock.
    private: tuple[PrivateValue, ...] = ()

    def private_value(self, owner_id: str, name: str) -> str | None:
        """The value kept under this owner and name, or None; both compare without case."""
        wanted = (owner_id.casefold(), name.casefold())
        for row in self.private:
            if (row.owner_id.casefold(), row.name.casefold()) == wanted:
                return row.value
        return None


@dataclass(frozen=True, slots=True, kw_only=True)
class Preferences:
    """The settings that decide which requests QuickBooks takes."""

    #: QuickBooks leaves its sales tax block out where sales tax is off.
    sales_tax_on: bool = False
    default_taxable_code: Ref = NO_REF
    default_non_taxable_code: Ref = NO_REF
    default_sales_tax_item: Ref = NO_REF
    class_tracking: bool = False
    account_numbers: bool = False
    accounts_required: bool = False
    #: Documents dated on or before it are refused (3171).
    closing_date: date | None = None
    multi_currency: bool = False
    home_currency: Ref = NO_REF
    multi_location_inventory: bool = False
    using_inventory: bool = False
    assigning_journal_numbers: bool = False
    auto_apply_payments: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Activity:
    """When the company file was last restored from a backup and last condensed, as QuickBooks wrote it."""

    last_restore_time: str = ""
    last_condense_time: str = ""

    @property
    def restored(self) -> str:
        """Local wall time of the last restore, "" for never."""
        return _unless_never(self.last_restore_time)

    @property
    def condensed(self) -> str:
        """Local wall time of the last condense, "" for never."""
        return _unless_never(self.last_condense_time)


def _unless_never(text: str) -> str:
    # Never is 1970-01-01 UTC, which the local offset may turn into the last day of 1969.
    wall = wall_time(text)
    return "" if wall.startswith(("1969-12-31", "1970-01-01")) else wall
