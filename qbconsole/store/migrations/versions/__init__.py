"""One module a revision; the newest is `schema.columns.HEAD`."""
