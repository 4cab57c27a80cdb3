"""Palette: every action of the registry that works on the screen beneath, by name."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import TYPE_CHECKING

from textual.app import SystemCommand
from textual.dom import DOMNode
from textual.screen import Screen

from qbconsole.console.registry import DIALOGS, Command, commands, key_names, scopes_of
from qbconsole.console.widgets.virtual_table import VirtualTable

if TYPE_CHECKING:
    from qbconsole.console.app import QbConsole


def entries(app: QbConsole, screen: Screen[object]) -> Iterator[SystemCommand]:
    """Give the palette's lines; what changes anything is missing where nothing may be changed."""
    own = scopes_of(getattr(screen, "SCOPE", "app"))
    scopes = {"app", *own, *(("table",) if screen.query(VirtualTable) else ())}
    for command in commands(*(scopes - DIALOGS)):
        if app.may_change or not command.changes:
            hint = f"{command.help}  ({' '.join(key_names(command, app.keymap))})"
            yield SystemCommand(command.title, hint, partial(_perform, app, screen, command))


async def _perform(app: QbConsole, screen: Screen[object], command: Command) -> None:
    await app.run_action(command.action, _target(app, screen, command))


def _target(app: QbConsole, screen: Screen[object], command: Command) -> DOMNode:
    """Where an action belongs: to the app, to the screen, or to the list that had the keys."""
    if command.scope == "app":
        return app
    if command.scope != "table":
        return screen
    return screen.focused if isinstance(screen.focused, VirtualTable) else screen.query(VirtualTable).first()
