"""`mapping set`, `mapping check`: the merchant's decisions."""

from __future__ import annotations

import rich_click as click

from qbconsole.cli.given import Given, pass_given
from qbconsole.cli.output import as_json, line, talk
from qbconsole.errors import UsageError


@click.group()
def mapping() -> None:
    """Check or change mappings.toml."""


@mapping.command("set")
@click.argument("words", nargs=-1, required=True, metavar="PATH VALUE [PATH VALUE …]")
@pass_given
def set_(given: Given, words: tuple[str, ...]) -> None:
    """Set one value or several, as one edit.

    PATH is written like merchants.oak-ember.policy.tax. Comments stay; the text before is kept beside the file.
    """
    from qbconsole.care.mapping_file import edit_mapping
    from qbconsole.workspace import MAPPING

    if len(words) % 2:
        raise UsageError(f"there is no value for {words[-1]}", next="Give PATH and VALUE in turns.")
    with given.changing() as workspace:
        pairs = list(zip(words[::2], words[1::2], strict=True))
        done = edit_mapping(workspace.means(), workspace.root / MAPPING, pairs, who=given.who)
    if given.as_json:
        as_json(done)
    else:
        line(f"Set; the text before is kept as {done.backup}." if done.changed else "Nothing changed.")


@mapping.command()
@pass_given
@click.pass_context
def check(ctx: click.Context, given: Given) -> None:
    """Check mappings.toml: every error with its line.

    Exit 0 without errors, 2 with.
    """
    from qbconsole.rules.mapping.faults import MappingFaults

    with given.opened() as workspace:
        fault = workspace.mapping_fault()
    faults = fault.faults if isinstance(fault, MappingFaults) else ()
    errors = [{"where": one.place, "path": one.path, "what": one.sentence} for one in faults]
    if fault is not None and not errors:
        errors = [{"where": fault.where, "path": "", "what": fault.what}]
    if given.as_json:
        as_json({"valid": fault is None, "errors": errors})
    else:
        for one in errors:
            line(": ".join(filter(None, (one["where"], one["path"], one["what"]))))
        talk(f"{len(errors)} errors; the last good revision stays in force." if errors else "No errors.")
    ctx.exit(2 if errors else 0)
