"""`plugins new`: a plugin of the merchant's own, with a test that passes and a golden order."""

from __future__ import annotations

import keyword
import re
from collections.abc import Sequence
from pathlib import Path
from string import Template

from qbconsole.errors import UsageError, WorkspaceError
from qbconsole.rules.registry import installed_plugins
from qbconsole.sync.plugins.golden import compared, golden_folder

_SKELETON = Path(__file__).parent / "skeleton"
_LEGAL = re.compile(r"[a-z][a-z0-9_]{0,39}")
#: Skeleton -> where it goes below the plugins folder.
_PARTS = (
    ("plugin.py.txt", "{name}.py"),
    ("test.py.txt", "test_{name}.py"),
    ("order.json.txt", "{name}/golden/wholesale.json"),
)


def begin_plugin(folder: Path, name: str) -> Sequence[Path]:
    """Write a plugin, its test and a golden order that pass; gives what was written.

    Raises UsageError for a name that is none, or where something of that name stands already: nothing is written.
    """
    _refuse_name(name)
    wanted = {folder / place.format(name=name): _filled(part, name) for part, place in _PARTS}
    expected = golden_folder(name, folder) / "wholesale.qbxml"
    for path in (*wanted, expected):
        if path.exists():
            raise UsageError(
                f"{path.name} is there already",
                where=str(path),
                next="Choose another name, or move it away; nothing was written.",
            )
    try:
        for path, text in wanted.items():
            path.parent.mkdir(parents=True, exist_ok=True)
            with path.open("x", encoding="utf-8") as file:
                file.write(text)
            path.chmod(0o644)  # whatever the umask: a file that others may write is refused
    except OSError as cause:
        raise WorkspaceError(
            f"the plugin cannot be written: {cause.strerror or cause}",
            where=str(folder),
            next="Give your user the right to write there.",
        ) from cause
    for one in compared(name, [str(folder)], golden_folder(name, folder)):
        one.write()
    return (*wanted, expected)


def _filled(part: str, name: str) -> str:
    text = (_SKELETON / part).read_text(encoding="utf-8")
    return Template(text).safe_substitute(name=name, title=name.replace("_", " ").capitalize())


def _refuse_name(name: str) -> None:
    if (
        not _LEGAL.fullmatch(name)
        or keyword.iskeyword(name)
        or name.startswith("test_")
        or name == "conftest"
    ):
        raise UsageError(
            f"{name!r} is no name for a plugin",
            next="Use small letters, digits and _, a letter first, at most 40: oak_ember. test_ is for tests.",
        )
    point = installed_plugins().get(name)
    if point is not None:
        raise UsageError(
            f"an installed plugin is called {name}",
            where=point.module,
            next="Choose another name; a file would stand before it.",
        )
