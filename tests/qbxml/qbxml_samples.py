"""Examples of every request, as `templates check` has them, and the shipped templates."""

from __future__ import annotations

from pathlib import Path

from qbconsole.qbxml.templating.examples import all_requests, examples, fullest, smallest

__all__ = ["TEMPLATES", "all_requests", "examples", "fullest", "smallest", "sources"]

TEMPLATES = Path(__file__).parents[2] / "templates"


def sources() -> dict[str, str]:
    """The shipped templates."""
    return {path.name: path.read_text("utf-8") for path in TEMPLATES.glob("*.j2")}
