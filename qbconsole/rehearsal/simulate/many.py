"""Many seeds over the processors of this computer, and what they came to together."""

from __future__ import annotations

import gc
import logging
import multiprocessing
import os
import sys
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache, partial
from pathlib import Path
from typing import Any

import structlog

from qbconsole.rehearsal.simulate import checker, ended, oracle
from qbconsole.rehearsal.simulate.choosing import asked_for, chosen, names
from qbconsole.rehearsal.simulate.clock import Line
from qbconsole.rehearsal.simulate.ended import within
from qbconsole.rehearsal.simulate.ends.database import Server, kept_on, share_server
from qbconsole.rehearsal.simulate.ends.program import Killed
from qbconsole.rehearsal.simulate.faults import Fault
from qbconsole.rehearsal.simulate.run import Simulation, simulate
from qbconsole.rehearsal.simulate.setting import room, share_room
from qbconsole.rehearsal.simulate.world import Violation, World

#: So many seeds are worth a process of their own.
_WORTH_ONE = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Seed:
    """What one seed came to."""

    seed: int
    faults: str
    digest: str
    documents: int
    fired: dict[str, int]
    violations: tuple[Violation, ...]
    lines: tuple[Line, ...] = field(default=(), repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Summary:
    """What all of them came to."""

    seeds: int
    documents: int
    faults_fired: dict[str, int]
    #: Those that broke a law, with their timeline.
    failed: tuple[Seed, ...]

    def as_json(self) -> dict[str, Any]:
        """As `sandbox simulate --json` prints it."""
        return {
            "seeds": self.seeds,
            "violations": [
                {"seed": one.seed, "law": broken.law, "sentence": broken.sentence}
                for one in self.failed
                for broken in one.violations
            ],
            "faults_fired": dict(sorted(self.faults_fired.items())),
            "documents": self.documents,
        }


def one_seed(seed: int, faults: str, *, keep_lines: bool = False) -> Seed:
    """Run and judge one seed; an error that ends it, or no end at all, is a law it broke. Raises UsageError."""
    strike = chosen(seed, asked_for(faults))
    found: list[Violation] = []
    begun: list[Simulation] = []

    def judge(simulation: Simulation, world: World) -> None:
        found.extend(world.seen_broken)
        found.extend(oracle.judge(world))
        found.extend(checker.check(simulation.program.shell.store, world))

    try:
        with quiet(), within(ended.MOST):
            ran = simulate(seed, strike, judge=judge, begun=begun.append)
    except (Exception, Killed, ended.Endless) as problem:  # noqa: BLE001 - whatever it is, the other seeds go on
        found.append(ended.ended_with(problem))
        return _ended(seed, strike, found, begun[0] if begun else None)
    return Seed(
        seed=seed,
        faults=names(strike),
        digest=ran.digest,
        documents=ran.documents,
        fired=dict(ran.world.fired),
        violations=tuple(found),
        lines=ran.lines if found or keep_lines else (),
    )


def _ended(seed: int, strike: tuple[Fault, ...], found: list[Violation], begun: Simulation | None) -> Seed:
    """What there was of a run until an error ended it."""
    return Seed(
        seed=seed,
        faults=names(strike),
        digest=begun.log.digest() if begun else "",
        documents=0,
        fired=dict(begun.fired) if begun else {},
        violations=tuple(found),
        lines=tuple(begun.log.lines) if begun else (),
    )


def many_seeds(
    seeds: Iterable[int],
    faults: str,
    *,
    jobs: int | None = None,
    progress: Callable[[int], None] = lambda _done: None,
) -> Summary:
    """Run seeds in so many processes (by default one a processor), or in this one where `jobs` is 1."""
    asked_for(faults)
    wanted = list(seeds)
    processes = min(jobs or os.cpu_count() or 1, max(1, len(wanted) // _WORTH_ONE))
    fired: Counter[str] = Counter()
    failed: list[Seed] = []
    documents = 0
    for done, one in enumerate(_all(wanted, faults, processes), 1):
        fired.update(one.fired)
        documents += one.documents
        if one.violations:
            failed.append(one)
        progress(done)
    return Summary(seeds=len(wanted), documents=documents, faults_fired=dict(fired), failed=tuple(failed))


def _all(seeds: list[int], faults: str, processes: int) -> Iterator[Seed]:
    if processes == 1:
        yield from map(partial(one_seed, faults=faults), seeds)
        return
    # What is imported already is not imported again where processes can be had by forking this one.
    how = "fork" if sys.platform == "linux" else "spawn"
    with multiprocessing.get_context(how).Pool(
        processes, initializer=_begin, initargs=(room(), kept_on())
    ) as pool:
        # One by one: a seed takes long enough, and none waits at the end behind another's few.
        yield from pool.imap(partial(_one_of_many, faults=faults), seeds)


def _begin(where: Path, server: Server | None = None) -> None:
    """Files go where the process that waits for us clears away: pools end their processes without a word.

    Garbage is looked for rarely: a world is small.
    """
    share_room(where)
    share_server(server)
    gc.freeze()
    gc.set_threshold(200_000, 50, 1000)


def _one_of_many(seed: int, faults: str) -> Seed:
    found = one_seed(seed, faults)
    _keep_what_stays()
    return found


@cache
def _keep_what_stays() -> None:
    """Once a process, after its first seed: what was made ready for every seed is looked through no more.

    Looking through it again and again for garbage would cost a tenth of the time.
    """
    gc.collect()
    gc.freeze()


@contextmanager
def quiet() -> Iterator[None]:
    """Our program's own log is not what a simulation is read by."""
    kept, disabled = structlog.get_config(), logging.root.manager.disable
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    logging.disable(logging.CRITICAL)
    try:
        yield
    finally:
        structlog.configure(**kept)
        logging.disable(disabled)
