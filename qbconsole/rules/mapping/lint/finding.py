"""What lint finds: a fault at its line, and whether it is an error."""

from __future__ import annotations

from qbconsole.rules.mapping.faults import Fault, Path
from qbconsole.value import Value


class Fix(Value):
    """What to write instead, where that is known."""

    path: Path
    was: str
    value: str


class Finding(Value):
    """One thing lint says."""

    fault: Fault
    #: A warning leaves the exit status 0.
    is_error: bool = True
    #: Neither error nor warning: nothing is wrong, and one may want to know it.
    is_note: bool = False
    fix: Fix | None = None
    #: A warning of money that is not where it is looked for: `doctor` tells it too.
    is_astray: bool = False
