"""The demo and, later, the simulation: production code against the sandbox."""
