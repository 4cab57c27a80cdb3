"""The third law: nothing is written into a company file that is not the company's."""

from __future__ import annotations

import re
from collections.abc import Iterator

from qbconsole.rehearsal.simulate.world import CompanyEnd, OpenedFile, Violation, Written

WRONG_FILE = "nothing is written into a wrong file"
_WHAT = {"copy": "a copy of it", "other": "another company's file"}
#: Requests that change a company file; the envelope's ids say only that QuickBooks keeps a record.
_CHANGES = re.compile(r"<\w+(?:Add|Mod|Del|Void)Rq\b|<(?:TxnDel|TxnVoid|ListDel|DataExt)\w*Rq\b")


def judge_files(company: CompanyEnd) -> Iterator[Violation]:
    """Hold what was written into each file that was ever open against whose it is."""
    for file in company.files:
        if file.role != "right" and (written := [one for one in file.written if _changes(one)]):
            yield Violation(law=WRONG_FILE, sentence=_told(company, file, written))


def _changes(one: Written) -> bool:
    """Documents were made, or a set that changes something was handed over as new."""
    return bool(one.made or (one.set_id and _CHANGES.search(one.text)))


def _told(company: CompanyEnd, file: OpenedFile, written: list[Written]) -> str:
    made = sum(len(one.made) for one in written)
    return (
        f"{len(written)} sets with {made} documents of {company.name} were written into {file.label}, "
        f"{_WHAT.get(file.role, 'a wrong file')}, first at {written[0].at:%Y-%m-%d %H:%M}."
    )
