"""The examples of docs/accounting.md, each made from a golden case: its story, its books, its documents."""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

from lxml import etree

GOLDEN = Path(__file__).parent
PAGE = GOLDEN.parents[1] / "docs" / "accounting.md"
BLOCK = re.compile(r"<!-- golden: (\w+) -->\n(.*?)<!-- /golden -->", re.DOTALL)
#: A setting named in a story: "fees_date = transaction".
SETTING = re.compile(r"\b([a-z_]+ = [a-z_]+)\b")
#: Most documents named one by one.
MOST = 8


def with_examples(page: str) -> str:
    """The page with every example as its case has it now."""
    return BLOCK.sub(lambda found: f"<!-- golden: {found[1]} -->\n{example(found[1])}<!-- /golden -->", page)


def example(name: str) -> str:
    """One example: the story, a table of debits and credits, what is held, and what QuickBooks gets."""
    folder = GOLDEN / name
    case = folder / "case.toml"
    told = tomllib.loads(case.read_text(encoding="utf-8")) if case.exists() else {}
    beside = folder / ("expected.json" if case.exists() else "postings.json")
    expected = json.loads(beside.read_text(encoding="utf-8"))
    story = SETTING.sub(r"`\1`", " ".join(told.get("why", "").split()))
    link = f"[{name}](../tests/golden/{name}/)"
    settings = ", ".join(set_here(told.get("merchant", {})))
    lines = [f"*{story}* ({link})" if story else f"Worked out in {link}.", ""]
    lines += [f"Set here: {settings}.", ""] if settings else []
    lines += [*table(expected["postings"]), ""]
    answered = expected.get("delivered", {}).get("postings", expected["postings"])
    if answered != expected["postings"]:
        lines += ["Once QuickBooks answered:", "", *table(answered), ""]
    lines += waiting([one["reason"] for one in expected["holds"]])
    lines += [*documents(folder), ""]
    return "\n".join(lines)


def set_here(merchant: dict[str, object]) -> Iterator[str]:
    """The settings of a case: choices by their name, names of accounts and taxes with their table."""
    for name, values in merchant.items():
        start = "" if name in ("policy", "modes") else f"{name}."
        for key, value in values.items() if isinstance(values, dict) else ():
            if isinstance(value, str):
                yield f'`{start}{key} = "{value}"`'


def waiting(reasons: list[str]) -> list[str]:
    """What is held or flagged; a case may expect that something is, whatever its reason is called."""
    named = dict.fromkeys(f"`{reason}`" if reason != "*" else "listed for a look" for reason in reasons)
    return [f"Held or flagged: {', '.join(named)}.", ""] if named else []


def table(postings: dict[str, dict[str, str]]) -> list[str]:
    """Debit and credit by day and role, debits first."""
    if not postings:
        return ["Nothing is posted."]
    rows = ["| day | role | debit | credit |", "|---|---|---:|---:|"]
    for day, roles in sorted(postings.items()):
        for role, text in sorted(roles.items(), key=lambda row: (Decimal(row[1]) < 0, row[0])):
            amount = Decimal(text)
            sides = (f"{amount}", "") if amount > 0 else ("", f"{-amount}")
            rows.append(f"| {day} | `{role}` | {sides[0]} | {sides[1]} |")
    return rows


def documents(folder: Path) -> list[str]:
    """What QuickBooks is sent, in both modes where the case runs in both."""
    rows = []
    for mode, name in (("detailed", "documents.qbxml"), ("summary", "documents.summary.qbxml")):
        path = folder / name
        if path.exists():
            sent = named(path.read_text(encoding="utf-8"))
            more = f" and {len(sent) - MOST} more" if len(sent) > MOST else ""
            rows.append(f"* {mode}: {', '.join(sent[:MOST]) or 'nothing'}{more}")
    return ["QuickBooks gets", "", *rows] if rows else []


def named(text: str) -> list[str]:
    """Kind, number and day of each request."""
    found = []
    for request in etree.fromstring(f"<all>{text}</all>"):
        kind = request.tag.removesuffix("AddRq")
        number = request.findtext(".//RefNumber") or ""
        day = request.findtext(".//TxnDate") or ""
        found.append(" ".join(filter(None, (kind, number, f"({day})"))))
    return found
