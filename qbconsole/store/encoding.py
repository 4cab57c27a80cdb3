"""Encoding: how values become the bytes and texts of the store, and come back equal.

JSON by msgspec: Decimals as text, times as RFC 3339, dataclasses by field name, so that a field added later
with a default still reads old rows. No float is ever written for money (Money holds a Decimal).
"""

from __future__ import annotations

import unicodedata
from collections.abc import Hashable, Mapping
from datetime import UTC, datetime
from functools import cache, lru_cache
from hashlib import blake2b
from typing import Any, TypeVar, cast, get_args

import msgspec

from qbconsole.shop.events import Event

T = TypeVar("T")
_ENCODER = msgspec.json.Encoder()
_CANONICAL = msgspec.json.Encoder(order="sorted")
_TAGGED = msgspec.json.Decoder(tuple[str, msgspec.Raw])
_EVENT_TYPES: Mapping[str, type[Event]] = {kind.__name__: kind for kind in get_args(Event)}


def pack(value: object) -> bytes:
    """A dataclass, or a tuple of them, as JSON."""
    return _ENCODER.encode(value)


@cache
def _decoder(kind: Hashable) -> msgspec.json.Decoder[Any]:
    return msgspec.json.Decoder(cast(Any, kind))


def unpack(raw: bytes, kind: type[T]) -> T:
    """What `pack` wrote, as the type asked for. Raises msgspec.ValidationError when it is something else."""
    value: T = _decoder(cast(Hashable, kind)).decode(raw)
    return value


def pack_event(event: Event) -> bytes:
    """An event with the name of its class, so that every kind comes back as itself."""
    return _ENCODER.encode((type(event).__name__, event))


def unpack_event(raw: bytes) -> Event:
    """What `pack_event` wrote."""
    name, body = _TAGGED.decode(raw)
    event: Event = _decoder(cast(Hashable, _EVENT_TYPES[name])).decode(body)
    return event


def canonical(data: object) -> bytes:
    """JSON with sorted keys: the same data gives the same bytes, on every machine."""
    return _CANONICAL.encode(data)


def digest(raw: bytes) -> bytes:
    """Sixteen bytes that tell two contents apart."""
    return blake2b(raw, digest_size=16).digest()


def moment_text(moment: datetime) -> str:
    """An aware time as the store keeps it: UTC, always six decimals, so that text sorts as time."""
    if moment.tzinfo is UTC:
        return _utc_text(moment)
    if moment.tzinfo is None:
        raise ValueError(f"a time without a zone is never stored: {moment.isoformat()}")
    return _utc_text(moment.astimezone(UTC))


@lru_cache(maxsize=1024)
def _utc_text(moment: datetime) -> str:
    """Rows of one commit bear the same. Of UTC only: elsewhere two moments of the night clocks go back are equal."""
    return f"{moment.isoformat(timespec='microseconds')[:-6]}Z"


@lru_cache(maxsize=4096)
def moment(text: str) -> datetime:
    """The aware UTC time of a stored text; rows of one commit bear the same."""
    return datetime.fromisoformat(text).astimezone(UTC)


def maybe_moment(text: str | None) -> datetime | None:
    """The same where the column may be empty."""
    return None if text is None else moment(text)


def comparable(updated_at: str | None) -> str | None:
    """A time text of the shop in the store's form, so that offsets compare; one without a zone counts as UTC.

    Raises ValueError when it is no time.
    """
    if updated_at is None:
        return None
    given = datetime.fromisoformat(updated_at)
    if len(updated_at) == len("2026-01-31T00:00:00Z") and updated_at[10] + updated_at[-1] == "TZ":
        return f"{updated_at[:-1]}.000000Z"  # as Shopify writes it
    return moment_text(given if given.tzinfo else given.replace(tzinfo=UTC))


@lru_cache(maxsize=4096)
def folded(name: str) -> str:
    """A list name as QuickBooks compares it: without case, composed, outer blanks dropped."""
    return unicodedata.normalize("NFC", name).casefold().strip()
