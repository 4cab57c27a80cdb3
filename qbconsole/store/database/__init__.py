"""Database: one store on SQLite or PostgreSQL behind the same few calls."""

from qbconsole.store.database.opening import Store

__all__ = ["Store"]
