"""Help: all keys as they are now, from the registry, so that no key can be missing."""

from __future__ import annotations

from collections.abc import Mapping

from qbconsole.console.registry import COMMANDS, key_names

_NAMES = {
    "app": "Everywhere",
    "table": "Lists",
    "queue": "Queue",
    "inspect": "Inspector",
    "decide": "Queue and inspector",
    "logs": "Logs",
    "mapping": "Mapping",
    "picker": "Choosing a name",
    "disk": "When the file changed on disk",
    "confirm": "When asked y or n",
    "dialog": "In a dialog",
    "paper": "On a page like this",
}


def help_page(keymap: Mapping[str, str]) -> str:
    """Give the page: keys, what they do, the id to remap them by, and the command that does the same."""
    lines: list[str] = []
    scope = ""
    for command in COMMANDS:
        if command.scope != scope:
            scope = command.scope
            lines += ["", _NAMES[scope]]
        keys = " ".join(key_names(command, keymap))
        lines.append(f"  {keys:<12} {command.help}")
        twin = f"   $ {command.twin}" if command.twin else ""
        lines.append(f"  {'':<12} {command.id}{twin}")
    lines += [
        "",
        "Keys are yours to change: ~/.config/qbconsole/keys.toml, a line each:",
        '  "queue.retry" = "R"',
    ]
    return "\n".join(lines[1:])
