"""What is done to an installation: set up, checked, and what the operator decides about what waits."""
