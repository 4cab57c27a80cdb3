"""Doors that strangers' bytes come in by, and what holds whatever they are."""
