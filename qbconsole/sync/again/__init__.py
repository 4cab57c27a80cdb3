"""Again: documents that were in QuickBooks and are not any more, by a restore or by hand; and posting them once more."""
