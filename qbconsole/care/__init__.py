"""What is done to an installation: setting it up and looking after it."""
