"""The command line, an API: one module a group, a command calls a verb or a view."""
