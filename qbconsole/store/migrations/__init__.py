"""Migrations: alembic's revisions, each frozen: it names its columns itself and imports nothing of ours."""
