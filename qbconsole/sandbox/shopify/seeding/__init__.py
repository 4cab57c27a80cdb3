"""Invents a shop: its catalogue, buyers and orders of every kind, the same for the same seed.

Weights are those of an ordinary small shop: most orders are simple and paid at once. Each kind of order gets its
quota, so that a shop of a hundred orders has every kind at least once.
"""

from qbconsole.sandbox.shopify.seeding.inventing import invent
from qbconsole.sandbox.shopify.seeding.world import World, furnish

__all__ = ["World", "furnish", "invent"]
