"""PURE. The goods of a sale: what they cost, and what of them went back to stock."""
