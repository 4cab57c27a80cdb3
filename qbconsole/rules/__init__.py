"""The merchant's decisions: mappings.toml, its rules and tables, and the plugins that may overrule them.

Nothing here books, stores or sends: rules only give names and reasons, each with who said it and where.
"""
