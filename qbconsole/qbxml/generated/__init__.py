"""Python made for speed out of our own classes and the shipped templates; the plain road beside it says the same."""
