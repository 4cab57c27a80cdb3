"""mappings.toml as a screen shows it: sections, rows, how often each was used, what it lacks, what may be picked."""
