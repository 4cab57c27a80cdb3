"""`templates new`: a shipped template copied into the workspace, where a merchant may change it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from qbconsole.care.templates.found import is_ours
from qbconsole.errors import UsageError, WorkspaceError
from qbconsole.qbxml.templating.examples import all_requests
from qbconsole.rules.nearest import nearest

_SUFFIX = ".xml.j2"


def new_template(folder: Path, shipped: Mapping[str, str], name: str, merchant: str) -> Path:
    """Write the copy and give its path.

    Raises UsageError for a name that does not ship, one whose copy would never be used, or a file that is there.
    """
    wanted = name.removeprefix("templates/")
    wanted = wanted if wanted.endswith(_SUFFIX) else wanted + _SUFFIX
    if wanted not in shipped:
        known = nearest(wanted, shipped)
        raise UsageError(f"no template {wanted} ships{known}", next="`qbconsole templates list` lists them.")
    request = next((kind.request for kind in all_requests() if kind.template == wanted), "")
    if is_ours(request):
        raise UsageError(
            f"a copy of {wanted} would not be used: {request} is always written with the shipped template",
            next="Copy the template of a document or a list entry; `qbconsole templates fields` lists them.",
        )
    path = folder / merchant / wanted if merchant else folder / wanted
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("x", encoding="utf-8") as file:
            file.write(shipped[wanted])
    except FileExistsError as cause:
        step = "Change the one that is there, or take it away first."
        raise UsageError("there is such a template already", where=str(path), next=step) from cause
    except OSError as cause:
        raise WorkspaceError(
            f"the template cannot be written: {cause.strerror or cause}",
            where=str(path),
            next="Give your user the right to write there.",
        ) from cause
    return path
