"""The head of a template: the comment that says which template API it was written for."""

from __future__ import annotations

import re

from jinja2 import TemplateSyntaxError

#: What `d` holds and what the language has. It rises when a field goes, changes its name or its meaning; new fields
#: do not raise it.
TEMPLATE_API = 1
#: The oldest one whose templates still run.
OLDEST_API = 1
_HEAD = re.compile(r"\s*\{#(.*?)#\}", re.DOTALL)
_API = re.compile(r"template API (\d{1,4})", re.IGNORECASE)


def api_of(source: str) -> int | None:
    """The template API a template says it was written for; None where it does not say."""
    head = _HEAD.match(source)
    said = _API.search(head[1]) if head else None
    return int(said[1]) if said else None


def require_api(source: str, name: str, filename: str | None) -> None:
    """Refuse a template for another API. Raises TemplateSyntaxError with the line that says so."""
    said = api_of(source)
    if said is None or OLDEST_API <= said <= TEMPLATE_API:
        return
    found = _API.search(source)
    line = source[: found.start() if found else 0].count("\n") + 1
    newer = said > TEMPLATE_API
    step = "update qbconsole" if newer else "see docs/templates.md for what changed"
    raise TemplateSyntaxError(
        f"it was written for template API {said}; this version has {TEMPLATE_API}: {step}",
        line,
        name,
        filename,
    )
