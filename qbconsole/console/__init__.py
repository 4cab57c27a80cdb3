"""The Textual console. Screens read `views` through a Desk, act through Actions, and never touch the store."""
