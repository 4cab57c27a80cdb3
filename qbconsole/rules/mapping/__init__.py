"""mappings.toml as text: its schema, reading it with every fault at its line, editing it without harm."""
