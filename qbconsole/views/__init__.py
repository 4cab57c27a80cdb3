"""Views: read-only, frozen answers for the console and the command line. They write nothing and ask no clock."""
