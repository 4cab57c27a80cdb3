"""Sharing: what several workers on one database do together."""
