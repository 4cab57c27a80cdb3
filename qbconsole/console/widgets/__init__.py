"""Widgets of our own: where Textual's are too slow for a queue or too trusting for a shopper's words."""
