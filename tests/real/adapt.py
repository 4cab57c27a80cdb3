"""Lifts a captured Shopify case into the shape of `pull --from-file`.

The one adapter for captures. It merges what the capture's states say of one order (pages of lines, later partial
states, a refund told by a mutation) and adds only what no capture has: `processedAt`, an id or name where absent,
`test: true`, and a shop in the capture's currency. Whatever it added is listed in `additions`.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

SAMPLES = Path(__file__).parents[2].parent / "shared" / "samples"
FIRST = ("before", "created", "page 1", "setup")


@dataclass
class Lifted:
    """A case as a file for `pull --from-file`, and what was added to it."""

    case: str
    file: dict[str, Any]
    additions: list[str] = field(default_factory=list)

    @property
    def order(self) -> dict[str, Any]:
        return self.file["orders"][0]


def cases() -> list[Path]:
    """All captured cases; skips where ../shared is absent."""
    folder = SAMPLES / "shopify" / "cases"
    if not folder.is_dir():
        return []
    return sorted(folder.glob("*.json"))


def need_samples() -> None:
    """Skip, with the reason, where the captures are not at hand."""
    if not SAMPLES.is_dir():
        pytest.skip("no captures: ../shared/samples is not beside this checkout")


def lift(path: Path) -> Lifted:
    """Merge the states of one case into one order."""
    case = json.loads(path.read_text())
    states = sorted(case["states"], key=lambda state: not any(word in state["label"] for word in FIRST))
    order: dict[str, Any] = {}
    for state in states:
        for found in _orders(_answer(state["data"])):
            order = _merge(order, found)
        for refund in _refunds(_answer(state["data"])):
            order["refunds"] = _merge_rows(order.get("refunds") or [], [refund])
        for transaction in _captures(_answer(state["data"])):
            order["transactions"] = _merge_rows(order.get("transactions") or [], [transaction])
    lifted = Lifted(case=path.stem, file={})
    _complete(order, lifted, case)
    currency = _currency(order)
    lifted.file = {
        "shop": {
            "myshopifyDomain": "harry-test-heelo.myshopify.com",
            "currencyCode": currency,
            "homeCurrency": currency,
            "ianaTimezone": "America/Toronto",
            "taxesIncluded": False,
        },
        "orders": [order],
    }
    lifted.additions.append(f"shop in {currency}")
    return lifted


def _answer(data: dict[str, Any]) -> Any:
    """The captured answer; the request's own variables are left out."""
    return data.get("response", data)


def _orders(value: Any, key: str = "") -> Iterator[dict[str, Any]]:
    if isinstance(value, dict):
        if key == "order" and str(value.get("id", "")).startswith("gid://shopify/Order/"):
            yield value
        for name, inner in value.items():
            yield from _orders(inner, name)
    elif isinstance(value, list):
        for inner in value:
            yield from _orders(inner, key)


def _named(value: Any, wanted: str) -> Iterator[dict[str, Any]]:
    if isinstance(value, dict):
        for name, inner in value.items():
            if name == wanted and isinstance(inner, dict):
                yield inner
            else:
                yield from _named(inner, wanted)
    elif isinstance(value, list):
        for inner in value:
            yield from _named(inner, wanted)


def _refunds(value: Any) -> Iterator[dict[str, Any]]:
    """Refunds told by a mutation itself."""
    yield from (row["refund"] for row in _named(value, "refundCreate") if row.get("refund"))


def _captures(value: Any) -> Iterator[dict[str, Any]]:
    yield from (row["transaction"] for row in _named(value, "orderCapture") if row.get("transaction"))


def _merge(old: dict[str, Any], new: dict[str, Any]) -> dict[str, Any]:
    """Later states say what changed; lists and connections are joined by id."""
    merged = dict(old)
    for name, value in new.items():
        if isinstance(value, dict) and "nodes" in value:
            had = (merged.get(name) or {}).get("nodes") or []
            merged[name] = {"nodes": _merge_rows(had, value["nodes"])}
        elif name in ("transactions", "refunds") and isinstance(value, list):
            merged[name] = _merge_rows(merged.get(name) or [], value)
        elif value is not None or name not in merged:
            merged[name] = value
    return merged


def _merge_rows(old: list[dict[str, Any]], new: list[dict[str, Any]]) -> list[dict[str, Any]]:
    rows = [dict(row) for row in old]
    for at, row in enumerate(new):
        if row.get("id"):
            same = next((held for held in rows if held.get("id") == row["id"]), None)
        else:
            same = rows[at] if at < len(rows) else None
        if same is None:
            rows.append(dict(row))
        else:
            same.update({name: value for name, value in row.items() if value is not None})
    return rows


def _complete(order: dict[str, Any], lifted: Lifted, case: dict[str, Any]) -> None:
    captured = case.get("capturedAt") or "2026-07-01T12:00:00Z"
    refunds = [refund.get("createdAt") for refund in order.get("refunds") or () if refund.get("createdAt")]
    for name, value in (
        ("id", "gid://shopify/Order/1"),
        ("name", f"#{case['case'][:8]}"),
        ("processedAt", min([captured, *refunds])),
        ("updatedAt", max([captured, *refunds])),
    ):
        if not order.get(name):
            order[name] = value
            lifted.additions.append(name)
    order["test"] = True
    lifted.additions.append("test")


def _currency(order: dict[str, Any]) -> str:
    if order.get("currencyCode"):
        return str(order["currencyCode"])
    return str(next(_named(order, "shopMoney"))["currencyCode"])
