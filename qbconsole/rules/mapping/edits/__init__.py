"""Single edits of a TOML text: what each means for the data, and which bytes of the text it changes."""
