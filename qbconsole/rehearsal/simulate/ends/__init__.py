"""What a simulated run is made of: our program in its processes, the shops, the PCs with QuickBooks."""
