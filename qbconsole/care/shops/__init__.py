"""What an installation keeps of each shop beside its orders, and whether that is well."""

from __future__ import annotations

from qbconsole.care.shops.checks import check_shops

__all__ = ["check_shops"]
