"""Database: what is done to keep the database itself well."""
