"""Purchases drawn up as documents: orders, receipts, what bills say otherwise, and vendors' credits."""

from qbconsole.books.facts.purchase.drawing import draw_purchase

__all__ = ["draw_purchase"]
