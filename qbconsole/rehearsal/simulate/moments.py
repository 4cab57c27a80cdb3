"""Moments: named places of a run where a fault may strike, the n-th time somebody comes past.

A fault says `when(name, act)`; the run says `passing(name, moment)`. An act may change the moment (lose an answer,
give other bytes), do something beside it (another connector, a person at QuickBooks), or raise.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field


@dataclass(slots=True, kw_only=True)
class Moment:
    """What is passing; acts may change what is not a name."""

    #: Which company, connector and call, as far as it has them.
    company: str = ""
    connector: str = ""
    call: str = ""
    #: The bytes or text on their way.
    body: str = ""
    #: True where the set on its way changes the company file.
    writes: bool = False
    #: True where it changes more than our marker: list entries or documents.
    weighs: bool = False
    #: An act sets it: what passes here is lost.
    lost: bool = False
    #: An act sets it: it waits behind a dialog.
    held: bool = False
    #: An act sets it: it comes once more.
    twice: bool = False
    hresult: str = ""


Act = Callable[[Moment], None]
Only = Callable[[Moment], bool]


@dataclass(slots=True)
class _Waiting:
    name: str
    act: Act
    nth: int
    only: Only
    inside: bool


def _any(_moment: Moment) -> bool:
    return True


@dataclass(slots=True)
class Moments:
    """Who waits for which moment."""

    _waiting: list[_Waiting] = field(default_factory=list)
    #: Their names: most moments are waited for by nobody.
    _names: set[str] = field(default_factory=set)
    _busy: bool = False

    def when(self, name: str, act: Act, *, nth: int = 1, only: Only = _any, inside: bool = False) -> None:
        """Do `act` the n-th time a moment of that name passes that `only` is true of; once.

        `inside`: also while another act is going on, during which everything else passes quietly.
        """
        self._waiting.append(_Waiting(name, act, nth, only, inside))
        self._names.add(name)

    def passing(self, name: str, moment: Moment | None = None) -> Moment:
        """Somebody comes past. What happens inside an act passes quietly."""
        found = moment or Moment()
        if name not in self._names:
            return found
        was_busy = self._busy
        for one in [one for one in self._waiting if one.name == name and one.only(found)]:
            if was_busy and not one.inside:
                continue
            one.nth -= 1
            if one.nth <= 0:
                self._waiting.remove(one)
                self._busy = True
                try:
                    one.act(found)
                finally:
                    self._busy = was_busy
        return found

    def stop(self) -> None:
        """Nothing strikes any more."""
        self._waiting.clear()
        self._names.clear()
