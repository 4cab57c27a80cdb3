"""Stock corrections: what changed on the shelves that nothing else explains."""

from qbconsole.sync.pull.stock.levels import note_moved, pull_stock

__all__ = ["note_moved", "pull_stock"]
