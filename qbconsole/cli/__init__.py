"""The command line: one module a command group; a command calls a verb or a view and writes what it gives.

Data goes to stdout, talk to stderr. Under --json stdout holds exactly one JSON object, or JSON lines.
"""
