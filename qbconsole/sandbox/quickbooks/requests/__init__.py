"""What QuickBooks does with requests about lists, about itself, with queries, voids and custom fields."""
