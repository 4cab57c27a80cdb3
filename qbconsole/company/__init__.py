"""What QuickBooks told us about one company file: lists, preferences, documents, identity, limits.

PURE: values only. Nothing here reads a clock, a file, a database or qbXML, and nothing decides what to post;
`qbxml.response` builds these values, `rules` and `books` look things up in them.
Source of the fields: qbwc-protocol.md sections 2, 9, 13, 17 and the answers QuickBooks gives.
"""

from qbconsole.company.documents import AppliedLink, DeletedDocument, ObservedDocument, ObservedLine
from qbconsole.company.identity import (
    Activity,
    CompanyIdentity,
    Host,
    Preferences,
    PrivateValue,
    wall_time,
)
from qbconsole.company.limits import Fullness, ListLimits, edition, fullness, limits_for
from qbconsole.company.lists import Chart, Entries, Items, Names
from qbconsole.company.marker import Marker, MarkerUnreadable
from qbconsole.company.records import NO_REF, Account, Customer, DeletedRecord, Entry, Item, Ref, Vendor
from qbconsole.company.renames import Rename, Renames
from qbconsole.company.snapshot import Company

__all__ = [
    "NO_REF",
    "Account",
    "Activity",
    "AppliedLink",
    "Chart",
    "Company",
    "CompanyIdentity",
    "Customer",
    "DeletedDocument",
    "DeletedRecord",
    "Entries",
    "Entry",
    "Fullness",
    "Host",
    "Item",
    "Items",
    "ListLimits",
    "Marker",
    "MarkerUnreadable",
    "Names",
    "ObservedDocument",
    "ObservedLine",
    "Preferences",
    "PrivateValue",
    "Ref",
    "Rename",
    "Renames",
    "Vendor",
    "edition",
    "fullness",
    "limits_for",
    "wall_time",
]
