"""Two faces of one document, told apart: names first, then accounts, then what else its request says."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from html import unescape
from itertools import zip_longest

from qbconsole.decide.replay import Face
from qbconsole.money import Money
from qbconsole.sync.preview.answers import Difference

#: Of one document's request; more would be no help to anybody.
_MOST_TEXTS = 20
_TAGS = re.compile(r"<(/?)(\w+)[^>]*?(/?)>([^<]*)")


def differences(before: Face | None, after: Face | None, *, texts: bool = True) -> tuple[Difference, ...]:
    """Everything in which they differ; of a document only one side has, what was chosen for it.

    Without `texts` requests are compared only where nothing else differs: by the same templates and the same names they
    say the same.
    """
    if before is None or after is None:
        return tuple(_alone(before, after))
    found = [*_heads(before, after), *_picks(before, after)]
    found += _accounts(before, after, {one.field for one in found})
    told = {word for one in found for word in (one.before, one.after)}
    if texts or not found or after.amended_by or before.amended_by:
        found += _texts(before, after, told)
    return tuple(found)


def moved(before: Face | None, after: Face | None) -> Mapping[str, Money]:
    """Account -> what is posted to it more; zeros left out."""
    sums: dict[str, Money] = {}
    for face, sign in ((before, -1), (after, 1)):
        for _, account, amount in face.postings if face else ():
            given = amount if sign > 0 else -amount
            sums[account] = sums[account] + given if account in sums else given
    return {account: amount for account, amount in sorted(sums.items()) if amount}


def _alone(before: Face | None, after: Face | None) -> Iterator[Difference]:
    for one in (before or after).picks if before or after else ():  # type: ignore[union-attr]
        if after is not None:
            yield Difference(field=one.field, before="", after=one.value, place=one.place)
        else:
            yield Difference(field=one.field, before=one.value, after="")


def _heads(before: Face, after: Face) -> Iterator[Difference]:
    pairs = (
        ("document", before.kind, after.kind),
        ("number", before.ref_number, after.ref_number),
        ("date", before.on.isoformat(), after.on.isoformat()),
        ("amended by", ", ".join(before.amended_by), ", ".join(after.amended_by)),
    )
    for field, was, now in pairs:
        if was != now:
            yield Difference(field=field, before=was, after=now)


def _picks(before: Face, after: Face) -> Iterator[Difference]:
    was = {one.field: one for one in before.picks}
    now = {one.field: one for one in after.picks}
    for field in dict.fromkeys((*was, *now)):
        first, second = was.get(field), now.get(field)
        if (first and first.value) != (second and second.value):
            yield Difference(
                field=field,
                before=first.value if first else "",
                after=second.value if second else "",
                place=second.place if second else "",
            )


def _accounts(before: Face, after: Face, told: set[str]) -> Iterator[Difference]:
    """Roles that post elsewhere because another item was chosen."""

    def by_role(face: Face) -> dict[str, list[str]]:
        found: dict[str, list[str]] = {}
        for role, account, _ in face.postings:
            found.setdefault(role, []).append(account)
        return {role: sorted(set(accounts)) for role, accounts in found.items()}

    was, now = by_role(before), by_role(after)
    for role in dict.fromkeys((*was, *now)):
        field = f"account of {role}"
        if field not in told and was.get(role) != now.get(role):
            yield Difference(
                field=field, before=", ".join(was.get(role, ())), after=", ".join(now.get(role, ()))
            )


def _texts(before: Face, after: Face, told: set[str]) -> list[Difference]:
    """What else the request says otherwise, element by element; nothing where one of them has no request."""
    if not before.text or not after.text or before.text == after.text:
        return []
    was, now = _leaves(before.text), _leaves(after.text)
    found = []
    for path in dict.fromkeys((*was, *now)):
        for first, second in zip_longest(was.get(path, ()), now.get(path, ()), fillvalue=""):
            if first != second and not (first in told and second in told):
                found.append(Difference(field=path, before=first, after=second))
    return found[:_MOST_TEXTS]


def _leaves(text: str) -> dict[str, list[str]]:
    """The texts of a request by the element they stand in and its parent's name, in their order."""
    found: dict[str, list[str]] = {}
    stack: list[str] = []
    for closing, name, empty, words in _TAGS.findall(text):
        if closing:
            del stack[-1:]
        elif not empty:
            stack.append(name)
            if words.strip():
                found.setdefault("/".join(stack[-2:]), []).append(unescape(words))
    return found
