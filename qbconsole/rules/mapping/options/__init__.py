"""Options: what a merchant says to a plugin in mappings.toml, written, declared and checked.

Nothing is imported here: the file's schema needs `written`, and `checking` needs the schema's complaints.
"""
