"""Finds the templates, plugins and mappings.toml that ship with the package.

In a wheel they lie in `qbconsole/_bundled`; in a checkout and in an editable install they lie beside the
package, because the repository root is itself a valid workspace.
"""

from __future__ import annotations

from pathlib import Path

from qbconsole.errors import WorkspaceError

_PACKAGE = Path(__file__).resolve().parent


def bundled(name: str) -> Path:
    """Return the path of a shipped file or folder: "templates", "plugins" or "mappings.toml"."""
    for base in (_PACKAGE / "_bundled", _PACKAGE.parent):
        path = base / name
        if path.exists():
            return path
    raise WorkspaceError(
        f"the shipped {name} is missing from this installation",
        where=str(_PACKAGE),
        next="Install qbconsole again from its wheel or checkout.",
    )
