"""The templates of a workspace as they lie on disk: whose each is, and whether it compiles."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from jinja2 import TemplateError

from qbconsole.qbxml.templating import Sandbox


@dataclass(frozen=True, slots=True, kw_only=True)
class TemplateFound:
    """One template."""

    name: str
    #: "shipped", or "yours".
    origin: str
    #: Where it stands, and why it does not compile; "" when it does.
    trouble: str = ""


def templates_found(templates: Mapping[str, str], shipped: Mapping[str, str]) -> tuple[TemplateFound, ...]:
    """Every template and whether it compiles."""

    def source(name: str) -> tuple[str, str, None] | None:
        return (templates[name], name, None) if name in templates else None

    sandbox = Sandbox(source)
    return tuple(
        TemplateFound(
            name=name,
            origin="shipped" if shipped.get(name) == text else "yours",
            trouble=_compiled(sandbox, name),
        )
        for name, text in sorted(templates.items())
    )


def _compiled(sandbox: Sandbox, name: str) -> str:
    try:
        sandbox.runner(name)
    except TemplateError as cause:
        line = getattr(cause, "lineno", None)
        return f"templates/{name}:{line or 1}: {cause.message or cause}"
    return ""
