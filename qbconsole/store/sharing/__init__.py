"""Sharing: what several processes on one database agree on beyond its rows."""
