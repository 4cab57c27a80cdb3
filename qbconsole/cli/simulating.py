"""`sandbox simulate`: how seeds are named, run and told on a terminal."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from qbconsole.cli.output import as_json as write_json
from qbconsole.cli.output import block, line, progress, table, talk
from qbconsole.errors import UsageError
from qbconsole.rehearsal.simulate.clock import Line
from qbconsole.rehearsal.simulate.ends.database import on_server
from qbconsole.rehearsal.simulate.many import Seed, many_seeds, one_seed

#: So many failing seeds are told with their timeline; the others by their sentence.
_TOLD_WHOLE = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What was asked for on the command line."""

    seeds: range
    faults: str
    #: 0: a process for each processor.
    jobs: int
    #: Tell one seed, event by event.
    timeline: bool
    #: A PostgreSQL server for the databases, postgresql://USER@HOST:PORT; "" for files.
    server: str = ""
    as_json: bool


def seeds_of(text: str) -> range:
    """The range that "0:300" or "17" names. Raises UsageError for any other text."""
    first, colon, last = text.partition(":")
    try:
        seeds = range(int(first), int(last) if colon else int(first) + 1)
    except ValueError:
        seeds = range(0)
    if not seeds:
        raise UsageError(f"{text!r} names no seeds", next="Write them as 0:300 (without 300), or one as 17.")
    return seeds


def play_seeds(asked: Asked) -> int:
    """Run them and tell what they came to; 1 where one broke a law. Raises UsageError."""
    with on_server(asked.server):
        return _one(asked) if asked.timeline else _many(asked)


def _many(asked: Asked) -> int:
    with progress("simulating") as bar:
        done = many_seeds(
            asked.seeds,
            asked.faults,
            jobs=asked.jobs or None,
            progress=lambda seeds: bar(seeds, len(asked.seeds)),
        )
    for place, failed in enumerate(done.failed):
        _tell_failed(failed, asked, whole=place < _TOLD_WHOLE)
    if asked.as_json:
        write_json(done.as_json())
    else:
        table(("FAULT", "TIMES"), sorted(done.faults_fired.items()), right=frozenset({1}))
        line(
            f"{done.seeds} seeds, {done.documents} documents, {sum(done.faults_fired.values())} faults, "
            f"{len(done.failed)} seeds broke a law."
        )
    return 1 if done.failed else 0


def _one(asked: Asked) -> int:
    if len(asked.seeds) > 1:
        raise UsageError("a timeline is of one seed", next="Name one, like --seeds 17.")
    told = one_seed(asked.seeds[0], asked.faults, keep_lines=True)
    if asked.as_json:
        write_json(
            {
                "seed": told.seed,
                "digest": told.digest,
                "faults": told.faults,
                "documents": told.documents,
                "faults_fired": told.fired,
                "violations": [{"law": one.law, "sentence": one.sentence} for one in told.violations],
                "timeline": [{"at": one.at, "who": one.who, "what": one.what} for one in told.lines],
            }
        )
    else:
        line(f"seed {told.seed}: {told.faults or 'no faults'}")
        block("\n".join(_timeline(told.lines)))
        for broken in told.violations:
            line(f"broken: {broken.law}: {broken.sentence}")
        line(f"events {told.digest}")
    return 1 if told.violations else 0


def _tell_failed(failed: Seed, asked: Asked, *, whole: bool) -> None:
    talk(f"seed {failed.seed} broke a law: {failed.faults}")
    for broken in failed.violations:
        talk(f"  {broken.law}: {broken.sentence}")
    talk(f"  again: {replay(failed.seed, asked.faults, asked.server)}")
    if whole:
        for told in _timeline(failed.lines):
            talk(f"  {told}")


def replay(seed: int, faults: str, server: str = "") -> str:
    """The command that runs a seed once more and tells it event by event."""
    where = f" --server {server}" if server else ""
    return f"qbconsole sandbox simulate --seeds {seed} --faults {faults}{where} --timeline"


def _timeline(lines: Iterable[Line]) -> list[str]:
    return [f"{one.at:%m-%d %H:%M:%S}  {one.who:<18} {one.what}" for one in lines]
