"""The search language of list roots, as far as connectors use it: `field:>='value' AND field:value`.

An unknown field does not fail: the filter is ignored and a warning says so, as in the real shop
(reference/shopify-api.md section 9). OR, NOT and brackets are refused, so that no test believes they work.
"""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

_TERM = re.compile(
    r"""\s*(?P<field>[A-Za-z_]+):(?P<sign>>=|<=|>|<|)(?:'(?P<quoted>(?:\\.|[^'\\])*)'|(?P<bare>[^\s()]+))"""
)
_AND = re.compile(r"\s*(?:AND\b)?\s*")
_SIGNS: dict[str, Callable[[Any, Any], bool]] = {
    "": operator.eq,
    ">": operator.gt,
    ">=": operator.ge,
    "<": operator.lt,
    "<=": operator.le,
}
_TIMES = {
    "updated_at": "updatedAt",
    "created_at": "createdAt",
    "processed_at": "processedAt",
    "issued_at": "issuedAt",
    "closing_time": "closingTime",
    "opening_time": "openingTime",
}
#: Fields each list root knows; a time, an id or a plain text.
KNOWN: dict[str, frozenset[str]] = {
    "orders": frozenset({"updated_at", "created_at", "processed_at", "id", "name", "test"}),
    "customers": frozenset({"updated_at", "created_at", "id", "email"}),
    "productVariants": frozenset({"updated_at", "id", "sku"}),
    "payouts": frozenset({"issued_at", "id", "status"}),
    "balanceTransactions": frozenset({"payments_transfer_id", "processed_at", "id"}),
    "disputes": frozenset({"id", "status"}),
    "giftCards": frozenset({"created_at", "id"}),
    "cashTrackingSessions": frozenset({"opening_time", "closing_time", "id"}),
    "inventoryItems": frozenset({"updated_at", "id", "sku"}),
    "inventoryTransfers": frozenset({"created_at", "id", "status"}),
    "inventoryPurchaseOrders": frozenset({"id", "status"}),
}


class SearchUnsupported(ValueError):
    """A search this sandbox does not know; the real shop might."""


@dataclass(frozen=True, slots=True)
class Term:
    """One condition."""

    field: str
    sign: str
    value: str

    def holds(self, node: dict[str, Any]) -> bool:
        """Whether this record meets the condition."""
        compare = _SIGNS[self.sign]
        if self.field in _TIMES:
            at = node[_TIMES[self.field]]
            return at is not None and compare(at, self.value)
        if self.field == "id":
            return compare(int(node["id"].rpartition("/")[2]), int(self.value.rpartition("/")[2]))
        if self.field == "test":
            return compare(str(node["test"]).lower(), self.value.lower())
        return compare(str(node.get(self.field) or "").casefold(), self.value.casefold())


def parse(query: str) -> list[Term]:
    """Read a search; times are brought to the form records hold."""
    terms, at = [], _AND.match(query).end()  # type: ignore[union-attr] # it matches the empty string too
    while at < len(query):
        match = _TERM.match(query, at)
        if match is None:
            raise SearchUnsupported(f"the sandbox cannot read this search from here: {query[at:]!r}")
        value = match["bare"] if match["quoted"] is None else re.sub(r"\\(.)", r"\1", match["quoted"])
        if match["field"] in _TIMES:
            moment = datetime.fromisoformat(value)
            value = (
                (moment if moment.tzinfo else moment.replace(tzinfo=UTC))
                .astimezone(UTC)
                .strftime("%Y-%m-%dT%H:%M:%SZ")
            )
        terms.append(Term(match["field"], match["sign"], value))
        between = _AND.match(query, match.end())
        at = between.end() if between else match.end()
    return terms


@lru_cache(maxsize=1024)
def _parsed(query: str) -> tuple[Term, ...]:
    return tuple(parse(query))


def search(
    root: str, query: str | None, nodes: Sequence[dict[str, Any]]
) -> tuple[list[dict[str, Any]], dict[str, Any] | None]:
    """The records that meet the search, and the entry for `extensions.search` where something was ignored."""
    terms = _parsed(query or "")
    unknown = [term for term in terms if term.field not in KNOWN[root]]
    for term in terms:
        if term not in unknown:
            nodes = [node for node in nodes if term.holds(node)]
    if not unknown:
        return list(nodes), None
    warnings = [
        {"field": term.field, "message": "Invalid search field for this query.", "code": "invalid_field"}
        for term in unknown
    ]
    parsed = {"field": unknown[0].field, "match_all": unknown[0].value}
    return list(nodes), {"path": [root], "query": query, "parsed": parsed, "warnings": warnings}
