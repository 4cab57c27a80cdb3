"""make mutants: which seed catches each mutant, out of 200 with its own faults, and out of 400 with all faults.

Of all faults three strike in a run, so that a mutant's own strikes in one seed of fifteen.

Writes caught.json beside this file; exits 1 where a mutant survives. Run with PYTHONPATH=.:tests/mutants.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from mutants import MUTANTS, Mutant

from qbconsole.rehearsal.simulate.choosing import asked_for, chosen
from qbconsole.rehearsal.simulate.many import one_seed

WITHIN = 200
CAUGHT = Path(__file__).with_name("caught.json")


def first_seed(mutant: Mutant, faults: str, seeds: Iterable[int]) -> tuple[int, str] | None:
    """The first seed that tells the mutant and is sound without it, and the law that is broken."""
    for seed in seeds:
        with mutant.in_place():
            violations = one_seed(seed, faults).violations
        if violations and not one_seed(seed, faults).violations:
            return seed, violations[0].law
    return None


def promising(mutant: Mutant, within: int) -> list[int]:
    """Seeds among whose faults, chosen from all, is one that brings the mutant to light; all where none is needed."""
    pool = asked_for("all")
    wanted = {fault.number for fault in asked_for(mutant.faults)}
    strike = {seed: {fault.number for fault in chosen(seed, pool)} for seed in range(within)}
    return [seed for seed in strike if not wanted or wanted & strike[seed]]


def hunted(name: str, within: int) -> dict[str, Any]:
    """What is kept of one mutant: a seed of its own faults, and one of `--faults all`; None where it survives."""
    mutant = next(one for one in MUTANTS if one.name == name)
    own = first_seed(mutant, mutant.faults, range(within))
    of_all = first_seed(mutant, "all", promising(mutant, 2 * within))
    return {
        "faults": mutant.faults,
        "seed": own[0] if own is not None else None,
        "law": own[1] if own is not None else None,
        "all": of_all[0] if of_all is not None else None,
    }


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
