"""`mapping set`, `mapping check`: the merchant's decisions."""

from __future__ import annotations

import json
from collections.abc import Sized
from typing import TYPE_CHECKING

import rich_click as click

from qbconsole.cli import mapping_edits, mapping_history
from qbconsole.cli.given import Given, pass_given
from qbconsole.cli.mapping_edits import say_edited, why_option
from qbconsole.cli.mapping_preview import preview
from qbconsole.cli.output import as_json, block, line, plain, talk
from qbconsole.errors import UsageError

if TYPE_CHECKING:
    from qbconsole.care.mapping_check import Checked
    from qbconsole.care.mapping_mending import Mended


@click.group()
def mapping() -> None:
    """Check or change mappings.toml."""


mapping.add_command(preview)


for _command in (*mapping_edits.COMMANDS, *mapping_history.COMMANDS):
    mapping.add_command(_command)


@mapping.command("set")
@click.argument("words", nargs=-1, required=True, metavar="PATH VALUE [PATH VALUE …]")
@why_option
@pass_given
def set_(given: Given, words: tuple[str, ...], why: str) -> None:
    """Set one value or several, as one edit.

    PATH is written like merchants.oak-ember.policy.tax. Comments stay; the text before is kept beside the file.
    """
    from qbconsole.care.mapping_file import edit_mapping
    from qbconsole.workspace import MAPPING

    if len(words) % 2:
        raise UsageError(f"there is no value for {words[-1]}", next="Give PATH and VALUE in turns.")
    with given.changing() as workspace:
        pairs = list(zip(words[::2], words[1::2], strict=True))
        done = edit_mapping(
            workspace.means_to_mend(), workspace.root / MAPPING, pairs, who=given.who, why=why
        )
    say_edited(given, done)


@mapping.command()
@click.option("--fix", is_flag=True, help="First write what is known: new names of what QuickBooks renamed.")
@click.option("--dry-run", is_flag=True, help="With --fix: show the edit, write nothing.")
@why_option
@pass_given
@click.pass_context
def check(ctx: click.Context, given: Given, fix: bool, dry_run: bool, why: str) -> None:
    """Check mappings.toml: every error with its line, and what to write instead.

    Also what may be said and would post cost twice or never, as far as QuickBooks' lists are known. Exit 0 without
    errors, 2 with; a warning or a note is none, and `book` goes on under a file that is valid.
    """
    if dry_run and not fix:
        raise UsageError("--dry-run says nothing alone", next="Give it with --fix.")
    mended = _mend(given, why, dry_run=dry_run) if fix else None
    with given.opened() as workspace:
        found, has_good = workspace.mapping_checked(), workspace.has_good_mapping
    if given.as_json:
        told = {"mended": plain(mended)} if mended is not None else {}
        as_json({"valid": not found.errors, **plain(found), **told})
    else:
        for kind, rows in (("error", found.errors), ("warning", found.warnings), ("note", found.notes)):
            for one in rows:
                line(f"{kind}: {': '.join(filter(None, (one.where, one.path, one.what)))}")
        talk(_verdict(found, has_good=has_good))
    ctx.exit(2 if found.errors else 0)


def _mend(given: Given, why: str, *, dry_run: bool) -> Mended:
    """Write the cures that are known, as one edit, and tell what was written."""
    from qbconsole.care.mapping_mending import mend
    from qbconsole.workspace import MAPPING

    with given.opened() if dry_run else given.changing() as workspace:
        mended = mend(
            workspace.means_to_mend(), workspace.root / MAPPING, who=given.who, why=why, dry_run=dry_run
        )
    if not given.as_json:
        for one in mended.lines:
            line(one)
        for one in mended.written:
            line(f"{'would write' if dry_run else 'written'}: {one}")
        talk(_mended(mended, dry_run=dry_run))
    return mended


def _mended(mended: Mended, *, dry_run: bool) -> str:
    if not mended.written:
        return "Nothing to mend is known."
    if dry_run:
        return "Nothing was written."
    return f"Saved; the text before is kept as {mended.backup}."


@mapping.command()
def schema() -> None:
    """Print the JSON Schema of mappings.toml, for an editor that checks and completes TOML.

    Save it beside the file and name it in the first line: `#:schema ./mappings.schema.json`.
    """
    from qbconsole.rules.mapping.json_schema import json_schema

    block(json.dumps(json_schema(), indent=1))


def _count(found: Sized, one: str) -> str:
    return f"{len(found)} {one}" if len(found) == 1 else f"{len(found)} {one}s"


def _verdict(found: Checked, *, has_good: bool) -> str:
    counted = f"{_count(found.errors, 'error')}, {_count(found.warnings, 'warning')}"
    if not found.in_force:
        instead = "the last good revision stays in force" if has_good else "no text of it was ever in force"
        return f"{counted}; {instead}."
    if found.notes:
        counted += f", {_count(found.notes, 'note')}"
    return f"{counted}." if found.errors or found.warnings or found.notes else "No errors."
