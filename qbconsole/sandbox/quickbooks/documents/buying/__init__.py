"""What is bought: purchase orders, item receipts, bills and vendor credits, and the lines they share."""
