"""The schedule acted on: what is due runs in processes of its own, one sync of a merchant at a time."""
