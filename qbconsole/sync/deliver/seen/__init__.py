"""Seen: what QuickBooks showed of a document, held against ours."""
