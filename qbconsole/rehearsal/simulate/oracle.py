"""The oracle: judges a finished run by the two simulated ends alone, and never by what our program believes."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator

from qbconsole.rehearsal.simulate.world import CompanyEnd, Violation, World

#: Our key stands in brackets at the end of a memo (design.md section 5, identity).
_KEY = re.compile(r"\[(qbc1/[^\]]+)\]")


def judge(world: World) -> tuple[Violation, ...]:
    """Every law of books that the run broke; nothing where all is well."""
    found = [one for company in world.companies for one in (*_twice(company), *_astray(company))]
    return (*found, *_unfinished(world))


def _keys(company: CompanyEnd, label: str) -> Counter[str]:
    file = next(one for one in company.files if one.label == label)
    keys: Counter[str] = Counter()
    for document in file.file.documents():
        texts = (document.memo, *(line.description for line in document.lines))
        if not document.voided and document.txn_id not in file.before:
            keys.update({found[1] for text in texts if (found := _KEY.search(text))})
    return keys


def _twice(company: CompanyEnd) -> Iterator[Violation]:
    for key, times in _keys(company, company.right.label).items():
        if times > 1:
            yield Violation(law="exactly once", sentence=f"{key} stands {times} times in {company.name}.")


def _astray(company: CompanyEnd) -> Iterator[Violation]:
    for file in company.files:
        made = [txn_id for one in file.written for txn_id in one.made]
        if file.role != "right" and made:
            sentence = f"{len(made)} documents were written into {file.label}, which is {file.role} file."
            yield Violation(law="no write to a wrong file", sentence=sentence)


def _unfinished(world: World) -> Iterator[Violation]:
    if not world.finished:
        sentence = f"After {world.sessions_after} sessions without a fault there was still something to do."
        yield Violation(law="everything finishes", sentence=sentence)
    told = {one.subject for one in world.told}
    for one in world.unfinished:
        if one.key not in told:
            sentence = f"{one.key} is {one.state} ({one.request or 'no request'}) and nobody is told why."
            yield Violation(law="a reason for everything", sentence=sentence)
