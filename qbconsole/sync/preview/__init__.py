"""What-if: stored orders, facts and shop days decided once more under a candidate, and what would differ.

Nothing is written. The console's live effect and `mapping preview` both call `preview`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from qbconsole.sync.preview.answers import Change, Delta, Difference, Effect, Wait
from qbconsole.sync.preview.past import Past

if TYPE_CHECKING:
    from qbconsole.sync.preview.running import preview

__all__ = ["Change", "Delta", "Difference", "Effect", "Past", "Wait", "preview"]


def __getattr__(name: str) -> Any:
    """`preview`, and all it runs by, only for who calls it: a helper begins in half the time without."""
    if name == "preview":
        from qbconsole.sync.preview.running import preview

        return preview
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
