"""Finished worlds to spoil by hand: run once a process without faults, copied for each test."""

from __future__ import annotations

import copy
from dataclasses import replace
from functools import cache

from qbconsole.rehearsal.simulate import oracle
from qbconsole.rehearsal.simulate.run import simulate
from qbconsole.rehearsal.simulate.world import ByHand, OpenedFile, World, Written


@cache
def _ran(seed: int) -> World:
    return simulate(seed, judge=lambda _simulation, world: None).world


def detailed() -> World:
    """Six orders or more with refunds, a document each."""
    return copy.deepcopy(_ran(2))


def summary() -> World:
    """A few days, a journal each."""
    return copy.deepcopy(_ran(3))


def said(world: World) -> set[tuple[str, str]]:
    """What the oracle says: law and sentence."""
    return {(one.law, one.sentence) for one in oracle.judge(world)}


def document(world: World, kind: str, number: int = 0):
    """One of the documents in the right file."""
    return world.companies[0].right.file.documents(kind)[number]


def doubled(world: World, txn_id: str, *, memo: str | None = None) -> None:
    """The same document once more in the right file."""
    file = world.companies[0].right.file
    twin = copy.deepcopy(file.filed[txn_id])
    twin.txn_id = file.next_txn_id(world.ended)
    twin.memo = twin.memo if memo is None else memo
    file.file_in(twin)


def by_hand(world: World, one, what: str, wanted: str) -> World:
    """The world in which a person did that to this document."""
    done = ByHand(
        at=world.ended,
        file=world.companies[0].right.label,
        what=what,
        kind=one.kind,
        txn_id=one.txn_id,
        ref_number=one.ref_number,
        memo=one.memo,
        wanted=wanted,
        txn_date=one.txn_date,
        postings=one.postings,
    )
    return replace(world, by_hand=(*world.by_hand, done))


def with_file(world: World, role: str, *written: Written) -> World:
    """The world in which another file was open for a while."""
    (company,) = world.companies
    other = OpenedFile(label=f"the {role} one", role=role, file=company.right.file, written=written)
    return replace(world, companies=(replace(company, files=(*company.files, other)),))
