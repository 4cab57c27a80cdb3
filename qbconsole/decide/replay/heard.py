"""What one desk was asked about a case, and whether another desk would answer the same.

`decide` is pure: given the case and the settings, its outcome depends on nothing but what the answers say. So where a
candidate gives the same answer to every question that was asked in force, it decides the same, and nothing needs to
be decided again to know it. A settled order is not asked this way: naming it twice costs less than listening (`names`).
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterable
from datetime import date
from typing import Any, NamedTuple, cast

from qbconsole.books.answers import Answers, Choice
from qbconsole.decide.desk import Desk
from qbconsole.qbxml.render import Fragment, Renderer


class Question(NamedTuple):
    """One question and its answer."""

    #: The shop date it was asked for; None where the order's own counts.
    day: date | None
    #: Of `books.answers.Answers`: "account".
    name: str
    given: tuple[Any, ...]
    answer: Any


class Hearing:
    """Answers that listen: every question is answered by the merchant's answers, and noted."""

    def __init__(self, answers: Answers, notes: list[Question], day: date | None = None) -> None:
        self._answers, self._notes, self._day = answers, notes, day

    def on(self, day: date) -> Hearing:
        """The same of a shop date."""
        return Hearing(self._answers.on(day), self._notes, day)

    def alike(self, *_about: object) -> None:
        """Nobody can tell: what is remembered of another document's part would be asked nothing."""

    def alike_sale(self, _order: object) -> None:
        """The same of a sale's head."""

    def __getattr__(self, name: str) -> Callable[..., Any]:
        """Any other question."""
        ask, note, day = getattr(self._answers, name), self._notes.append, self._day

        def asked(*given: Any) -> Any:
            answer = ask(*given)
            note(Question(day, name, given, answer))
            return answer

        return asked


class _Unwritten:
    """A renderer that writes nothing: which questions are asked does not depend on it."""

    def render(self, *_document: Any, **_about: Any) -> Fragment:
        return Fragment(request="", text="")


def listening(desk: Desk, notes: list[Question]) -> Desk:
    """A desk beside this one that notes every question and writes nothing; one serves case after case."""
    return dataclasses.replace(
        desk,
        answers=cast(Answers, Hearing(desk.answers, notes)),
        renderer=cast(Renderer, _Unwritten()),
        entered={},
    )


def agrees(answers: Answers, notes: Iterable[Question]) -> bool:
    """Whether these answers are the ones noted; on which line a name stands is no difference."""
    of_day: dict[date | None, Answers] = {None: answers}
    for day, name, given, answer in notes:
        asked = of_day.get(day)
        if asked is None and day is not None:
            asked = of_day[day] = answers.on(day)
        if not _alike(getattr(asked, name)(*given), answer):
            return False
    return True


def _alike(one: Any, other: Any) -> bool:
    if isinstance(one, Choice) and isinstance(other, Choice):
        return one.value == other.value and one.explicit == other.explicit
    return bool(one == other)
