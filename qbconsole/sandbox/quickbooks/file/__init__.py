"""What a simulated company file holds and how it is kept on disk; knows no qbXML."""
