"""The log as it is read: lines found by their place in the files, never all parsed; one road for console and CLI."""
