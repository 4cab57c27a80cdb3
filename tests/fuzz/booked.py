"""A workspace whose requests are ready, made once a process and never changed for good."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

from trip import Trip

from fuzz.orders import orders, renumbered


@cache
def trip() -> Trip:
    made = Trip(Path(_folder().name))
    made.pull({"orders": [json.loads(one) for one in orders()]})
    made.book()
    made.session()
    made.pull({"orders": [renumbered(json.loads(one)) for one in orders()]})
    made.book()
    return made


@cache
def _folder() -> TemporaryDirectory[str]:
    return TemporaryDirectory()
