"""Lint: what a valid mappings.toml says and should not."""

from qbconsole.rules.mapping.lint.finding import Finding
from qbconsole.rules.mapping.lint.look import lint

__all__ = ["Finding", "lint"]
