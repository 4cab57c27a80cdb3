"""Read-only, frozen answers for console and command line. Never writes, never asks the outside."""
