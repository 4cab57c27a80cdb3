"""Bulk operations of the simulated shop: a query run over everything, its answer a JSONL file to download.

The same resolvers answer as for any query; only pages have no end. Rules, counts as strings and escaped slashes as
captured (reference/shopify-api.md section 9); what may go wrong is set in `shop.bulk_faults`.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from graphql import (
    DocumentNode,
    FieldNode,
    GraphQLError,
    OperationDefinitionNode,
    OperationType,
    Visitor,
    parse,
    visit,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from qbconsole.sandbox.shopify.shop import Shop

Raw = dict[str, Any]
#: How many may run at once for an app and shop, and how many connections one query may have.
AT_ONCE, CONNECTIONS = 5, 5
#: What `shop.bulk_faults` may hold; each spoils one operation, first come first.
FAULTS = ("FAILED", "CANCELED", "EXPIRED", "DENIED", "cut", "short", "partial", "mixed", "elsewhere", "gone")


@dataclass(slots=True, kw_only=True)
class Bulk:
    """One operation."""

    id: str
    lines: list[str]
    roots: int
    fault: str = ""
    #: Polls until it is done.
    polls: int = 2

    def file(self) -> bytes:
        """The bytes behind its url."""
        lines = list(self.lines)
        if self.fault == "short":
            lines = lines[: len(lines) // 2]
        if self.fault == "mixed":
            lines.sort(key=lambda line: '"__parentId"' not in line)
        text = "".join(line + "\n" for line in lines).encode()
        return text[: len(text) // 2 + 7] if self.fault == "cut" else text

    def about(self, base: str) -> Raw:
        """As the API tells it; every call counts as a poll."""
        self.polls -= 1
        failed = self.fault in ("FAILED", "CANCELED", "EXPIRED", "DENIED", "partial")
        status = (
            {"DENIED": "FAILED", "partial": "FAILED"}.get(self.fault, self.fault) if failed else "COMPLETED"
        )
        done = self.polls < 0
        host = "http://elsewhere.example/" if self.fault == "elsewhere" else base
        url = f"{host}bulk/{self.id.rpartition('/')[2]}.jsonl" if done and self.lines else None
        return {
            "id": self.id,
            "status": status if done else "RUNNING",
            "errorCode": ("ACCESS_DENIED" if self.fault == "DENIED" else "TIMEOUT")
            if done and failed
            else None,
            "objectCount": str(len(self.lines) if done else 0),
            "rootObjectCount": str(self.roots if done else 0),
            "fileSize": str(len(self.file())) if url else None,
            "url": None if failed else url,
            "partialDataUrl": url if self.fault == "partial" else None,
            "type": "QUERY",
            "createdAt": "2026-01-01T00:00:00Z",
        }


def run(shop: Shop, text: str, execute: Callable[[str], Mapping[str, Any]]) -> Raw:
    """The payload of bulkOperationRunQuery; `execute` gives the data of a query without pages."""
    running = [one.id for one in shop.bulks if one.polls >= 0]
    if len(running) >= AT_ONCE:
        told = f"A bulk query operation for this app and shop is already in progress: {running[0]}."
        return _refused(told, "OPERATION_IN_PROGRESS")
    try:
        wrong = _against_rules(parse(text))
    except GraphQLError as cause:
        wrong = str(cause)
    if wrong:
        return _refused(wrong, "INVALID")
    roots = next(iter(execute(text).values()))["edges"]
    lines = [line for edge in roots for line in _lines(edge["node"], None)]
    fault = shop.bulk_faults.popleft() if shop.bulk_faults else ""
    made = Bulk(
        id=f"gid://shopify/BulkOperation/{7_000 + len(shop.bulks)}",
        lines=lines,
        roots=len(roots),
        fault=fault,
    )
    shop.bulks.append(made)
    return {"bulkOperation": {"id": made.id, "status": "CREATED"}, "userErrors": []}


def _refused(message: str, code: str) -> Raw:
    return {
        "bulkOperation": None,
        "userErrors": [{"field": ["query"], "message": message, "code": code}],
    }


class _Count(Visitor):
    def __init__(self) -> None:
        super().__init__()
        self.edges = self.nodes = 0

    def enter_field(self, node: FieldNode, *_: Any) -> None:
        self.edges += node.name.value == "edges"
        self.nodes += node.name.value in ("nodes", "pageInfo")


def _against_rules(document: DocumentNode) -> str:
    operation = next(one for one in document.definitions if isinstance(one, OperationDefinitionNode))
    if operation.operation is not OperationType.QUERY or operation.variable_definitions:
        return "Bulk operations take one query without variables."
    counted = _Count()
    visit(document, counted)
    if counted.nodes:
        return "Bulk queries take edges only, no nodes and no pageInfo."
    if not 1 <= counted.edges <= CONNECTIONS:
        return "Bulk queries must contain at least one connection and cannot contain more than 5."
    return ""


def _lines(node: Mapping[str, Any], parent: str | None) -> Iterator[str]:
    """A record as its line, then those of its connections: grouped, as was asked for."""
    own = {name: value for name, value in node.items() if not _is_connection(value)}
    if parent is not None:
        own["__parentId"] = parent
    yield json.dumps(own, ensure_ascii=False, separators=(",", ":")).replace("/", "\\/")
    for value in node.values():
        if _is_connection(value):
            for edge in value["edges"]:
                yield from _lines(edge["node"], node["id"])


def _is_connection(value: Any) -> bool:
    return isinstance(value, dict) and set(value) == {"edges"}
