"""The oracle: judges a finished run by the two simulated ends alone, and never by what our program believes.

It shares no code with what it judges: what the books must come to is added up from the shop's raw facts by a road
of its own, and held against the ledger of the simulated QuickBooks, by order, day and account. Of our program it
reads what any person reads: open holds, what is unfinished, and why a company is stopped.
"""

from __future__ import annotations

from qbconsole.rehearsal.simulate.oracle.books import judge_books
from qbconsole.rehearsal.simulate.oracle.ending import judge_ending
from qbconsole.rehearsal.simulate.oracle.files import judge_files
from qbconsole.rehearsal.simulate.world import Violation, World

__all__ = ["judge"]


def judge(world: World) -> tuple[Violation, ...]:
    """Every law that the run broke; nothing where all is well."""
    books = [one for company in world.companies for one in judge_books(world, company)]
    files = [one for company in world.companies for one in judge_files(company)]
    return (*books, *files, *judge_ending(world))
