"""Doubt: which answers belong to a set, what its code means, and what a silent connector took."""
