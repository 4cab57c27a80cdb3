"""Which faults strike in a run: several, by seed, out of those that are asked for."""

from __future__ import annotations

import random
from collections.abc import Iterable

from qbconsole.errors import UsageError
from qbconsole.rehearsal.simulate.faults import ALL, LATER, Fault

#: So many strike in one run.
_MOST = 5


def asked_for(text: str) -> tuple[Fault, ...]:
    """The faults that "all", "none" or "F24,F31" name; "!" behind a number asks for what is not survived yet too.

    "F34.1" names the first way of F34 alone, also behind "all". Raises UsageError for a number that nothing here has.
    """
    found: list[Fault] = []
    for wanted in filter(None, (part.strip() for part in text.upper().split(","))):
        if wanted in ("ALL", "NONE"):
            found += ALL if wanted == "ALL" else ()
            continue
        number, _, way = wanted.removesuffix("!").partition(".")
        pool = (*ALL, *LATER) if wanted.endswith("!") else ALL
        named = [fault for fault in pool if fault.number == number]
        if way:
            named = named[int(way) - 1 : int(way)] if way.isdecimal() and int(way) else []
            found = [fault for fault in found if fault.number != number]
        if not named:
            known = ", ".join(dict.fromkeys(fault.number for fault in ALL))
            raise UsageError(f"there is no fault {wanted}", next=f"Name one of: all, none, {known}.")
        found += named
    return tuple(found)


def chosen(seed: int, pool: tuple[Fault, ...]) -> tuple[Fault, ...]:
    """Up to five of them, by seed: each number as likely as any other, then one of its variants."""
    chance = random.Random(f"faults/{seed}")  # noqa: S311 - repeatable is the point
    numbers = sorted({fault.number for fault in pool})
    count = min(len(numbers), chance.randint(2, _MOST))
    return tuple(
        chance.choice([fault for fault in pool if fault.number == number])
        for number in chance.sample(numbers, k=count)
    )


def names(faults: Iterable[Fault]) -> str:
    """For a line: "F26 an answer is lost ...; F43 ..."."""
    return "; ".join(f"{fault.number} {fault.what}" for fault in faults)
