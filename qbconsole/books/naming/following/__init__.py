"""Names of documents that follow others: taken over from what is there, because QuickBooks has to see both as one's."""
