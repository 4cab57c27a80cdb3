"""The phases of a session, one module each: `step` chooses its next set, `filed` files the answer to it.

A phase is a row in `planning.PHASES`, the order is that of `session.Phase`; a purpose is a row in `filing.FILED`.
"""
