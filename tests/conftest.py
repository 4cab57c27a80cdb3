"""Shared by all tests: its place puts this folder on the path, so that tests can import `builders`."""
