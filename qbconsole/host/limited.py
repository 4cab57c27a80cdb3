"""The far side of `errand`: `python -m qbconsole.host.limited SECONDS BYTES MODULE WORDS…` runs a module within limits.

When the time is nearly over it writes down where every thread stands, so that an endless loop has a file and line.
"""

from __future__ import annotations

import faulthandler
import os
import resource
import runpy
import sys
from collections.abc import Sequence

#: Largest file it may write: a flood of prints ends it instead of filling the disk.
_FILE_BYTES = 64 << 20


def _least(kind: int, wanted: int) -> None:
    allowed = resource.getrlimit(kind)[1]
    most = wanted if allowed == resource.RLIM_INFINITY else min(wanted, allowed)
    resource.setrlimit(kind, (most, most))


def main(words: Sequence[str]) -> None:
    """Set the limits, then be that module."""
    seconds, memory_bytes, module, *rest = words
    _least(resource.RLIMIT_AS, int(memory_bytes))
    _least(resource.RLIMIT_FSIZE, _FILE_BYTES)
    _least(resource.RLIMIT_CORE, 0)
    # A copy of stderr: whoever redirects that later, as pytest does, still leaves us this one.
    faulthandler.dump_traceback_later(float(seconds), file=os.dup(2))
    sys.argv = [module, *rest]
    runpy.run_module(module, run_name="__main__", alter_sys=True)


if __name__ == "__main__":
    main(sys.argv[1:])
