"""Where deciding can fail: what a plugin's supervisor would say, said in this process in place of a decision."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from unittest.mock import patch

from qbconsole.decide import AnyCase, Decision
from qbconsole.rehearsal.simulate.moments import Moments
from qbconsole.sync import book
from qbconsole.sync.deciding import Decider


@contextmanager
def deciding(moments: Moments) -> Iterator[None]:
    """While the block lasts, each decision of `book` is a moment, "decide": a fault may raise there."""

    class Watched(Decider):
        """The desk of one merchant, with a moment before each decision."""

        def decide(self, cases: Sequence[AnyCase]) -> Iterator[Decision]:
            """As ever."""
            for decision in super().decide(cases):
                moments.passing("decide")
                yield decision

    with patch.object(book, "Decider", Watched):
        yield
