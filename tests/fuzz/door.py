"""A door: what strangers can send, and the law that holds whatever they send."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from fuzz.mutating import mutated


@dataclass(frozen=True, slots=True, kw_only=True)
class Door:
    """Where strangers' bytes come in."""

    #: What is sent there when all is well.
    examples: tuple[bytes, ...]
    #: Raises AssertionError where the law does not hold, or whatever must never be raised.
    tries: Callable[[bytes], None]
    mutates: Callable[[random.Random, Sequence[bytes]], bytes] = mutated


def told(refused: Exception) -> None:
    """A refusal has a sentence, and ours a next step too."""
    assert str(refused)
    assert getattr(refused, "next", "-")
