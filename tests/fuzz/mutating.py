"""Inputs that nearly make sense: examples that were cut, doubled, spliced, or had one value made hostile."""

from __future__ import annotations

import json
import random
from collections.abc import Sequence
from typing import Any

#: What has broken readers before.
TOKENS: tuple[bytes, ...] = (
    b"\x00", b"\xff\xfe", b"\xed\xa0\x80", b"&lt;", b"&#0;", b"&#xFFFE;", b"<!DOCTYPE x [<!ENTITY y 'z'>]>", b"]]>", b"<![CDATA[",
    b"<?qbxml version='99'?>", b"{{ d }}", b"{% include 'x' %}", b"\x1b[31m", "\u202e".encode(), "\U0001f600".encode(), b"\r\n",
    b"-0.00", b"NaN", b"1e999", b"99999999999999999999", b"''''", b'"""', b"a.b.c = 1\n", b"[[", b"__proto__", b"null", b'{"id":',
)  # fmt: skip
VALUES: tuple[Any, ...] = (
    None, True, -1, 0, 2**63, "", "0", "-0.01", "1e5", "NaN", "0.001", "x" * 300, "\x00", "\u202e", [], {}, [None], {"nodes": None},
    "gid://shopify/Order/0", "2026-13-40", "9999-12-31T23:59:60Z", "<b>&", "{{ d }}", "XXX", "\ud800",
)  # fmt: skip


def mutated(rng: random.Random, examples: Sequence[bytes]) -> bytes:
    """One example with a few changes to its bytes; now and then nothing of it is left."""
    body = bytearray(rng.choice(examples))
    for _ in range(rng.randint(1, 5)):
        at = rng.randint(0, len(body))
        to = min(len(body), at + rng.choice((0, 1, 2, 8, 40)))
        match rng.randint(0, 4):
            case 0:
                body[at:to] = rng.choice(TOKENS)
            case 1:
                body[at:to] = bytes(rng.randrange(256) for _ in range(rng.randint(0, 6)))
            case 2:
                body[at:at] = body[at:to]
            case 3:
                other = rng.choice(examples)
                start = rng.randint(0, len(other))
                body[at:to] = other[start : start + rng.randint(0, 60)]
            case _:
                del body[at : at + rng.choice((1, 8, 400))]
    return bytes(body)


def mutated_json(rng: random.Random, examples: Sequence[bytes]) -> bytes:
    """One example whose values, a few of them, are missing or hostile; one time in five its bytes are changed instead."""
    if rng.random() < 0.2:
        return mutated(rng, examples)
    told = json.loads(rng.choice(examples))
    for _ in range(rng.randint(1, 3)):
        _spoil(rng, told)
    return json.dumps(told).encode()


def _spoil(rng: random.Random, told: Any) -> None:
    place: Any = told
    while True:
        keys = list(place) if isinstance(place, dict) else list(range(len(place)))
        if not keys:
            return
        key = rng.choice(keys)
        inner = place[key]
        if isinstance(inner, dict | list) and inner and rng.random() < 0.85:
            place = inner
        elif rng.random() < 0.3:
            del place[key]
            return
        else:
            place[key] = rng.choice(VALUES)
            return
