"""What is replayed, and what comes of it: frozen values that travel to the supervised child and back."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from qbconsole.decide.case import AnyCase, Pooled
from qbconsole.decide.desk import DeskSpec
from qbconsole.decide.replay.faces import Face
from qbconsole.value import Value

#: "names": all of it is booked, so it is only named again, unless the candidate would draw it up otherwise;
#: "kept": what is booked is named again and the rest decided; "anew": decided as if nothing of it were booked.
How = Literal["names", "kept", "anew"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Desks:
    """What two desks are built from: in force, and under the candidate."""

    before: DeskSpec
    after: DeskSpec

    @property
    def plugin_folders(self) -> tuple[str, ...]:
        """Where the plugins of both are looked for: a fault in any of them is named by file and line."""
        return tuple(dict.fromkeys((*self.after.plugin_folders, *self.before.plugin_folders)))


class Replay(Value):
    """One case for both desks; they differ where a shop day is given other orders. None: there is none."""

    before: AnyCase | None
    after: AnyCase | None
    how: How

    @property
    def label(self) -> str:
        """What people call it."""
        one = self.after or self.before
        return one.label if one is not None else ""


class SeenHold(Value):
    """A hold that keeps something back."""

    subject: str
    reason: str
    sentence: str
    next_step: str


class Side(Value):
    """What one desk says."""

    documents: tuple[Face, ...] = ()
    holds: tuple[SeenHold, ...] = ()
    #: Events for their shop days' summaries.
    pooled: tuple[Pooled, ...] = ()


class Replayed(Value):
    """What one case came to at both desks; documents and holds that are alike are left out."""

    source_id: str
    label: str
    before: Side
    after: Side
    #: Documents that are alike.
    same: int = 0
