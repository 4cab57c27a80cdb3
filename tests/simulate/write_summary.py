"""make summary RESULTS="a.json b.json": what runs of `sandbox simulate --json` came to, written into the page.

Adds up runs of different seeds. Exits 1, and still writes what is true, where a law was broken or a fault struck
fewer than 100 times.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
from collections import Counter
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

PAGE = Path(__file__).parents[2] / "docs" / "reliability.md"
WANTED = 100
_PLACE = re.compile(r"(<!-- summary -->\n).*?(<!-- /summary -->)", re.DOTALL)


def added_up(results: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    """Several results as one."""
    fired: Counter[str] = Counter()
    told: dict[str, Any] = {"seeds": 0, "documents": 0, "violations": []}
    for one in results:
        told["seeds"] += one["seeds"]
        told["documents"] += one["documents"]
        told["violations"] += one["violations"]
        fired.update(one["faults_fired"])
    return told | {"faults_fired": dict(fired)}


def too_seldom(told: Mapping[str, Any]) -> list[str]:
    """Faults that struck fewer than 100 times."""
    return sorted((one for one, times in told["faults_fired"].items() if times < WANTED), key=_number)


def summary(told: Mapping[str, Any], commands: Iterable[str]) -> str:
    """The page's part, in its own words."""
    rows = sorted(told["faults_fired"].items(), key=lambda row: _number(row[0]))
    broken = sorted({(one["seed"], one["law"]) for one in told["violations"]})
    lines = [
        f"{told['seeds']:,} seeds, {told['documents']:,} documents written, "
        f"{len(rows)} kinds of faults, {len(broken)} violations. By:",
        "",
        *(f"    {command}" for command in commands),
        "",
        "| fault | struck |",
        "|---|---|",
        *(f"| {number} | {times:,} |" for number, times in rows),
    ]
    lines += [f"* seed {seed}: {law}" for seed, law in broken]
    return "\n".join(lines) + "\n"


def written(page: str, part: str) -> str:
    """The page with that part in its place. Raises ValueError where the place is missing."""
    new, times = _PLACE.subn(lambda found: found[1] + part + found[2], page)
    if times != 1:
        raise ValueError("docs/reliability.md has no place for the summary, or several.")
    return new


def _number(fault: str) -> int:
    return int(fault.removeprefix("F"))


def main() -> int:
    """Read the results, write the page."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--command", action="append", default=[], help="a command that gave a result")
    asked.add_argument("results", nargs="+", type=Path)
    given = asked.parse_args()
    told = added_up(json.loads(path.read_text(encoding="utf-8")) for path in given.results)
    commands = given.command or ["qbconsole sandbox simulate --seeds A:B --faults all --json"]
    PAGE.write_text(written(PAGE.read_text(encoding="utf-8"), summary(told, commands)), encoding="utf-8")
    seldom = too_seldom(told)
    for number in seldom:
        sys.stderr.write(f"{number} struck {told['faults_fired'][number]} times; {WANTED} are wanted.\n")
    return 1 if seldom or told["violations"] else 0


if __name__ == "__main__":
    raise SystemExit(main())
