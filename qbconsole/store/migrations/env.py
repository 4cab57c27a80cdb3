"""Runs the revisions inside the commit that the caller opened; it neither begins nor ends one."""

from alembic import context

context.configure(connection=context.config.attributes["connection"])
context.run_migrations()
