"""Forgetting a buyer: out of what was pulled, out of what is booked and unsent, and in what is decided again."""
