"""The templates of a workspace as they lie on disk: whose each is, what it is for, and whether it compiles."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Mapping
from dataclasses import dataclass

from qbconsole.errors import TemplateBroken
from qbconsole.qbxml.templating.examples import all_requests
from qbconsole.qbxml.templating.heads import api_of
from qbconsole.qbxml.templating.sources import Templates
from qbconsole.rules.nearest import nearest

#: How the name of a part begins, which other templates include or import.
PART = "_"


@dataclass(frozen=True, slots=True, kw_only=True)
class TemplateFound:
    """One template."""

    #: Path below templates/.
    name: str
    #: "shipped", or "yours".
    origin: str
    #: The merchant whose documents it is for; "" for everybody's.
    merchant: str = ""
    #: "SalesReceiptAdd"; "" for a part of others.
    request: str = ""
    #: The template API its head names; None where it names none.
    api: int | None = None
    sha256: str = ""
    #: Where it stands, and why it is of no use; "" when all is well.
    trouble: str = ""


def templates_found(
    templates: Mapping[str, str], shipped: Mapping[str, str], merchants: Collection[str] | None = None
) -> tuple[TemplateFound, ...]:
    """Every template and whether it compiles and is used; `merchants` are those of the mapping, where it is known."""
    requests = {kind.template: kind.request for kind in all_requests()}
    every = Templates(templates, shipped)
    return tuple(
        TemplateFound(
            name=path,
            origin="shipped" if shipped.get(path) == text else "yours",
            merchant=path.rpartition("/")[0],
            request=requests.get(path.rpartition("/")[2], ""),
            api=api_of(text),
            sha256=hashlib.sha256(text.encode()).hexdigest(),
            trouble=_compiled(every, path)
            or _unused(path, requests, merchants)
            or _ours(path, text, requests, shipped),
        )
        for path, text in sorted(templates.items())
    )


def _compiled(templates: Templates, path: str) -> str:
    folder, _, name = path.rpartition("/")
    try:
        templates.compile(folder, name)
    except TemplateBroken as broken:
        return f"{broken.where}: {broken.what}"
    return ""


def _unused(path: str, requests: Mapping[str, str], merchants: Collection[str] | None) -> str:
    """Why nothing would ever be written with it: a misspelt name or folder."""
    folder, _, name = path.rpartition("/")
    if name not in requests and not name.startswith(PART):
        return f"templates/{path}:1: no request is written with {name}{nearest(name, requests)}"
    if folder and merchants is not None and folder not in merchants:
        return f"templates/{path}:1: there is no merchant {folder}{nearest(folder, merchants)}"
    return ""


def _ours(path: str, text: str, requests: Mapping[str, str], shipped: Mapping[str, str]) -> str:
    """Why a change of it is without effect: questions and our marker are written as they ship (`deliver.asking`)."""
    name = path.rpartition("/")[2]
    request = requests.get(name, "")
    if not is_ours(request) or shipped.get(name, text) == text:
        return ""
    return f"templates/{path}:1: this one is not used; {request} is always written with the shipped template"


def is_ours(request: str) -> bool:
    """Whether a request is none of the merchant's: a question, or our marker in the company file."""
    return request.endswith("Query") or request.startswith("DataExt")
