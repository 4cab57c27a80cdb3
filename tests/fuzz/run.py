"""Fuzz one door for a while: `python tests/fuzz/run.py NAME SECONDS [SEED]`, or `make fuzz TARGET=soap SECONDS_EACH=60`.

With atheris where it is installed (it follows which branches a change reaches), else with our own changes to examples.
What breaks a law is kept under tests/fuzz/found/NAME and is a test from then on.
"""

from __future__ import annotations

import hashlib
import random
import sys
import time
import traceback
from pathlib import Path

from fuzz.doors import NAMES, door

FOUND = Path(__file__).parent / "found"


def main(name: str, seconds: float, seed: int) -> int:
    """Run until the time is over or a law is broken; the exit status."""
    one = door(name)
    try:
        import atheris
    except ImportError:
        return _plainly(name, seconds, seed)
    keep = FOUND / name
    keep.mkdir(parents=True, exist_ok=True)

    def step(data: bytes) -> None:
        rng = random.Random(hashlib.sha256(data).digest())
        _try(name, data if data[:1] == b"\0" else one.mutates(rng, (*one.examples, data)))

    atheris.Setup([sys.argv[0], f"-max_total_time={int(seconds)}", f"-seed={seed}"], step)
    atheris.Fuzz()
    return 0


def _plainly(name: str, seconds: float, seed: int) -> int:
    one, rng, runs = door(name), random.Random(seed), 0
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if not _try(name, one.mutates(rng, one.examples)):
            return 1
        runs += 1
    sys.stdout.write(f"{name}: {runs} inputs, every law held (seed {seed}, without atheris)\n")
    return 0


def _try(name: str, data: bytes) -> bool:
    try:
        door(name).tries(data)
    except Exception:  # noqa: BLE001 - whatever it is, it is what we look for
        path = FOUND / name / f"{hashlib.sha256(data).hexdigest()[:16]}.bin"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
        sys.stderr.write(f"{traceback.format_exc()}\nkept as {path}\n")
        return False
    return True


if __name__ == "__main__":
    if len(sys.argv) < 3 or sys.argv[1] not in NAMES:
        raise SystemExit(f"usage: run.py {'|'.join(NAMES)} SECONDS [SEED]")
    raise SystemExit(main(sys.argv[1], float(sys.argv[2]), int(sys.argv[3]) if len(sys.argv) > 3 else 0))
