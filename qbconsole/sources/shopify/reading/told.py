"""Admin GraphQL JSON as it comes: ids, connections and texts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

Json = Mapping[str, Any]


def id_of(raw: Json) -> str:
    """legacyResourceId, else the GID's last part (convention 30)."""
    legacy = raw.get("legacyResourceId")
    return str(legacy) if legacy else str(raw.get("id") or "").rsplit("/", 1)[-1].split("?", 1)[0]


def nodes(value: object) -> Sequence[Json]:
    """A connection, a list or nothing, as a list."""
    if not value:
        return ()
    if isinstance(value, Mapping):
        if "nodes" in value:
            return [node for node in value["nodes"] or () if node]
        return [edge["node"] for edge in value.get("edges") or () if edge and edge.get("node")]
    return [node for node in value if node] if isinstance(value, list) else ()


def text_of(value: object) -> str:
    """What is not told is an empty text."""
    return str(value) if value is not None else ""
