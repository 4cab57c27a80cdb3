"""Virtual time, and the run's log of events: what makes a run repeatable and readable."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from datetime import datetime, timedelta


@dataclass(slots=True, kw_only=True)
class Clock:
    """Time as the simulated world keeps it; nobody sleeps."""

    now: datetime
    #: How wrong the clock of our program's computer is.
    skew: timedelta = timedelta()

    def ours(self) -> datetime:
        """What our program reads."""
        return self.now + self.skew

    def true(self) -> datetime:
        """What everybody else reads."""
        return self.now

    def seconds(self) -> float:
        """A monotonic count."""
        return self.now.timestamp()

    def sleep(self, seconds: float) -> None:
        """Let time pass."""
        self.now += timedelta(seconds=seconds)


@dataclass(frozen=True, slots=True)
class Line:
    """One thing that happened."""

    at: datetime
    who: str
    what: str


@dataclass(slots=True, kw_only=True)
class Log:
    """The run's events: lines for people, and a digest over them and over every byte that passed."""

    clock: Clock
    lines: list[Line] = field(default_factory=list)
    _hash: hashlib._Hash = field(default_factory=hashlib.sha256)
    #: The time last noted, as text: most of what passes does so at the same moment.
    _at: tuple[datetime | None, str] = (None, "")

    def say(self, who: str, what: str) -> None:
        """Note an event."""
        self.lines.append(Line(self.clock.now, who, what))
        self.note(who, what)

    def note(self, who: str, what: str | bytes) -> None:
        """Let an event count in the digest without a line."""
        raw = what if isinstance(what, bytes) else what.encode()
        if self._at[0] is not self.clock.now:
            self._at = (self.clock.now, self.clock.now.isoformat())
        self._hash.update(f"{self._at[1]} {who} {len(raw)} ".encode())
        self._hash.update(raw)

    def digest(self) -> str:
        """SHA-256 of everything so far."""
        return self._hash.hexdigest()
