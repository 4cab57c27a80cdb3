"""PURE. Events and a merchant's policy -> plans by role. One module a kind of event."""
