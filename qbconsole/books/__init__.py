"""What QuickBooks should hold: roles, policy, plans, documents, holds and the laws that prove them."""
