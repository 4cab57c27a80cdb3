"""The simulation: production code against the three simulated ends, under a virtual clock, with faults by seed."""
