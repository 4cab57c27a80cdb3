"""What-if: stored orders, facts and shop days decided once more under a candidate, and what would differ.

Nothing is written. The console's live effect and `mapping preview` both call `preview`.
"""

from __future__ import annotations

from qbconsole.sync.preview.answers import Change, Delta, Difference, Effect, Wait
from qbconsole.sync.preview.past import Past
from qbconsole.sync.preview.running import preview

__all__ = ["Change", "Delta", "Difference", "Effect", "Past", "Wait", "preview"]
