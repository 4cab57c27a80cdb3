"""Editor: a text in the operator's own editor: $VISUAL, $EDITOR, else vi or nano; the console is out of the way then.

The text lies in a private file while it is edited, never in the place of mappings.toml: only saving puts it there.
"""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

from textual.app import App, SuspendNotSupported

from qbconsole.errors import UsageError

_ELSE = ("vi", "nano")


def editor_of(env: Mapping[str, str]) -> Sequence[str]:
    """The command that edits a file. Raises UsageError where there is none."""
    for name in ("VISUAL", "EDITOR"):
        if env.get(name, "").strip():
            return _split(env[name], name)
    for program in _ELSE:
        if found := shutil.which(program, path=env.get("PATH")):
            return (found,)
    raise UsageError(
        "there is no editor", next="Set EDITOR to yours, like EDITOR=nano, and open the console again."
    )


def _split(command: str, name: str) -> Sequence[str]:
    try:
        return shlex.split(command)
    except ValueError as cause:
        raise UsageError(
            f"{name} is no command: {cause}", next=f'Write it like {name}="code --wait".'
        ) from cause


def edited(app: App[None], text: str, env: Mapping[str, str], *, line: int = 0) -> str:
    """The text as the operator leaves it; at a line where the editor can be told so. Raises UsageError."""
    command = editor_of(env)
    with tempfile.TemporaryDirectory(prefix="qbconsole-") as room:
        path = Path(room) / "mappings.toml"
        path.write_bytes(text.encode())
        _run(app, [*command, *_at(command[0], line), str(path)])
        try:
            return path.read_bytes().decode("utf-8")
        except (OSError, UnicodeDecodeError) as cause:
            raise UsageError(
                f"what the editor left cannot be read: {cause}", next="Nothing was changed; save it as UTF-8."
            ) from cause


def _at(program: str, line: int) -> list[str]:
    """How the common editors are told a line."""
    known = ("vi", "vim", "nvim", "nano", "emacs", "micro", "joe", "view")
    return [f"+{line}"] if line > 1 and os.path.basename(program) in known else []


def _run(app: App[None], command: Sequence[str]) -> None:
    try:
        with app.suspend():
            done = subprocess.run(command, check=False)  # noqa: S603  the operator's own choice of editor
    except SuspendNotSupported as cause:
        raise UsageError(
            "the console cannot step aside for an editor here", next="Edit mappings.toml from a terminal."
        ) from cause
    except OSError as cause:
        raise UsageError(
            f"{command[0]} cannot be started: {cause.strerror or cause}",
            next="Set EDITOR to one that is there.",
        ) from cause
    if done.returncode:
        raise UsageError(
            f"{command[0]} ended with {done.returncode}, so its text was not taken",
            next="Nothing was changed.",
        )
