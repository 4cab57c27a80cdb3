"""`mapping unset`, `mapping rename`, `mapping insert`, `mapping move`: edits of mappings.toml besides `set`."""

from __future__ import annotations

import tomllib
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import rich_click as click

from qbconsole.cli.given import Given, pass_given
from qbconsole.cli.output import as_json, line, talk
from qbconsole.errors import UsageError

if TYPE_CHECKING:
    from qbconsole.care.mapping_file import Edited
    from qbconsole.rules.mapping.editing import Editing

why_option = click.option("--why", default="", metavar="TEXT", help="Kept with the revision.")


@click.command()
@click.argument("paths", nargs=-1, required=True, metavar="PATH [PATH …]")
@why_option
@pass_given
def unset(given: Given, paths: tuple[str, ...], why: str) -> None:
    """Take out keys, tables or rules, with the comments that belong to them, as one edit.

    PATH is written like defaults.taxes."CA State Tax" or merchants.oak-ember.rules[0]; positions count from 0, and
    each PATH is taken as the file stands after the one before.
    """

    def change(editing: Editing) -> Editing:
        for path in paths:
            editing = editing.unset(path)
        return editing

    _edit(given, why, change)


@click.command()
@click.argument("path")
@click.argument("name")
@why_option
@pass_given
def rename(given: Given, path: str, name: str, why: str) -> None:
    """Give the key at PATH the name NAME; its value and comments stay."""
    _edit(given, why, lambda editing: editing.rename(path, name))


@click.command()
@click.argument("path")
@click.argument("element")
@click.option("--at", type=click.IntRange(0), help="Position, 0 before the first [behind the last].")
@why_option
@pass_given
def insert(given: Given, path: str, element: str, at: int | None, why: str) -> None:
    """Put ELEMENT into the array at PATH.

    For rules it is a table as TOML writes it: '{ when = { tag = "vip" }, hold = "Ask Ann" }'. The first rule that fits
    answers, so its position counts.
    """
    value = _element(element)

    def change(editing: Editing) -> Editing:
        return editing.insert(path, editing.length(path) if at is None else at, value)

    _edit(given, why, change)


@click.command()
@click.argument("path")
@click.argument("start", type=click.IntRange(0), metavar="FROM")
@click.argument("to", type=click.IntRange(0))
@why_option
@pass_given
def move(given: Given, path: str, start: int, to: int, why: str) -> None:
    """Move the element at position FROM of the array at PATH, with its comments, so that it stands at TO."""
    _edit(given, why, lambda editing: editing.move(path, start, to))


def _element(written: str) -> Any:
    """An element as TOML, or a text without quotes."""
    try:
        return tomllib.loads(f"element = {written}\n")["element"]
    except (ValueError, RecursionError) as cause:
        if written.lstrip()[:1] in ("{", "["):
            raise UsageError(
                f"the element is not valid TOML: {cause}", next="Write it like '{ hold = \"Ask Ann\" }'."
            ) from cause
        return written


def _edit(given: Given, why: str, change: Callable[[Editing], Editing]) -> None:
    from qbconsole.care.mapping_file import edit
    from qbconsole.workspace import MAPPING

    with given.changing() as workspace:
        done = edit(workspace.means_to_mend(), workspace.root / MAPPING, change, who=given.who, why=why)
    say_edited(given, done)


def say_edited(given: Given, done: Edited) -> None:
    """What an edit did; faults that the file had before are told, each with its line."""
    if given.as_json:
        as_json(done)
        return
    line(f"Saved; the text before is kept as {done.backup}." if done.changed else "Nothing changed.")
    for fault in done.faults:
        talk(f"error: {fault}")
    if done.faults:
        instead = "the last good revision is" if done.revision else "and no text of it ever was"
        talk(f"The file is not in force until these are mended; {instead}.")


#: Registered by `cli.mapping`.
COMMANDS = (unset, rename, insert, move)
