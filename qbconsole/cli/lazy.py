"""A command group that imports a command's module only when the command is run, or its own help is asked for.

The list of commands with a sentence each is a table, so that `--help` costs no import.
"""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import rich_click as click


@dataclass(frozen=True, slots=True, kw_only=True)
class Later:
    """A command that is not imported yet."""

    module: str
    #: Name of the command object in its module.
    name: str
    #: What `--help` says of it.
    sentence: str
    panel: str


class LazyGroup(click.RichGroup):
    """A group whose commands stand in a table."""

    def __init__(self, *args: Any, later: Mapping[str, Later], **more: Any) -> None:
        super().__init__(*args, **more)
        self.later = later
        self._listing = False

    def list_commands(self, ctx: click.Context) -> list[str]:
        """All commands, in the table's order."""
        return list(self.later)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command itself, or while help is written only its sentence."""
        found = self.later.get(cmd_name)
        if found is None:
            return None
        if self._listing:
            return click.RichCommand(name=cmd_name, help=found.sentence)
        command: click.Command = getattr(importlib.import_module(found.module), found.name)
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """The command of the first word. Raises a usage error that names the nearest one."""
        if args and args[0] not in self.later and not args[0].startswith("-"):
            from qbconsole.rules.nearest import nearest

            ctx.fail(f"There is no command {args[0]!r}{nearest(args[0], self.later)}.")
        return super().resolve_command(ctx, args)

    def format_help(self, ctx: Any, formatter: Any) -> None:
        """Write help from the table."""
        self._listing = True
        try:
            super().format_help(ctx, formatter)
        finally:
            self._listing = False
