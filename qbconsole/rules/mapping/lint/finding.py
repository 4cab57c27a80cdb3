"""What lint finds: a fault at its line, and whether it is an error."""

from __future__ import annotations

from qbconsole.rules.mapping.faults import Fault
from qbconsole.value import Value


class Finding(Value):
    """One thing lint says."""

    fault: Fault
    #: A warning leaves the exit status 0.
    is_error: bool = True
