"""make mutants: which seed catches each mutant, out of 200 with all faults, and out of 200 with its own faults.

Writes caught.json beside this file; exits 1 where a mutant survives. Run with PYTHONPATH=.:tests/mutants.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import sys
from pathlib import Path
from typing import Any

from mutants import MUTANTS, Mutant

from qbconsole.rehearsal.simulate.many import one_seed

WITHIN = 200
CAUGHT = Path(__file__).with_name("caught.json")


def first_seed(mutant: Mutant, faults: str, within: int) -> tuple[int, str] | None:
    """The first seed that tells the mutant, and the law it breaks."""
    for seed in range(within):
        with mutant.in_place():
            violations = one_seed(seed, faults).violations
        if violations and not one_seed(seed, faults).violations:
            return seed, violations[0].law
    return None


def hunted(name: str, within: int) -> dict[str, Any]:
    """What is kept of one mutant; a survivor has no seed."""
    mutant = next(one for one in MUTANTS if one.name == name)
    kept: dict[str, Any] = {"faults": mutant.faults}
    for label, faults in (("all", "all"), ("seed", mutant.faults)):
        found = first_seed(mutant, faults, within)
        kept[label] = found[0] if found is not None else None
        kept[f"{label}_law"] = found[1] if found is not None else None
    return kept


def main() -> int:
    """Hunt those that are named, or all."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--within", type=int, default=WITHIN)
    asked.add_argument("--jobs", type=int, default=2)
    asked.add_argument("names", nargs="*")
    told = asked.parse_args()
    names = [one.name for one in MUTANTS if not told.names or one.name in told.names]
    caught = json.loads(CAUGHT.read_text(encoding="utf-8")) if CAUGHT.exists() else {}
    survivors = []
    with multiprocessing.get_context("spawn").Pool(told.jobs) as pool:
        hunts = [(name, pool.apply_async(hunted, (name, told.within))) for name in names]
        for name, hunt in hunts:
            caught[name] = hunt.get()
            if caught[name]["all"] is None or caught[name]["seed"] is None:
                survivors.append(name)
            sys.stderr.write(f"{name}: {json.dumps(caught[name])}\n")
            CAUGHT.write_text(json.dumps(caught, indent=2, sort_keys=True) + "\n", encoding="utf-8")
    for name in survivors:
        sys.stderr.write(f"{name} survives {told.within} seeds\n")
    return 1 if survivors else 0


if __name__ == "__main__":
    raise SystemExit(main())
