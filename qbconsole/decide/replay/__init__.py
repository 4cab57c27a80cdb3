"""Replaying: one case decided at two desks, in force and under a candidate, and what came out differently.

Pure like `decide`, which it calls: a what-if shows what booking would do. The supervised child of `host` runs it for
merchants with plugins, so it has the three names every work of the host has: `desk_of`, `decide` and `Decision`.
"""

from __future__ import annotations

from qbconsole.decide.replay.case import Desks, How, Replay, Replayed, SeenHold, Side
from qbconsole.decide.replay.faces import Face, Pick
from qbconsole.decide.replay.pair import Known, Pair, decide, desk_of, same_shape_of
from qbconsole.rules.panel import announce_to

#: What the host expects back.
Decision = Replayed

__all__ = [
    "Decision",
    "Desks",
    "Face",
    "How",
    "Known",
    "Pair",
    "Pick",
    "Replay",
    "Replayed",
    "SeenHold",
    "Side",
    "announce_to",
    "decide",
    "desk_of",
    "same_shape_of",
]
