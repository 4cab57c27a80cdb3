"""Merchants' plugins as booking takes them: a changed one is tried first, and the last good one kept.

`force` decides which version decides; `shelf` is where versions are kept; `trials` and `golden` are what a version
has to pass.
"""

from __future__ import annotations

from qbconsole.sync.plugins.force import Standing, bring_into_force, tried
from qbconsole.sync.plugins.shelf import Shelf

__all__ = ["Shelf", "Standing", "bring_into_force", "tried"]
