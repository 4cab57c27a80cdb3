"""`plugins`: list, begin, try and trust what merchants added to the program."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import rich_click as click

from qbconsole.cli.given import Given, pass_given
from qbconsole.cli.output import as_json, block, line, table, talk

if TYPE_CHECKING:
    from qbconsole.care.plugins import PluginFound


@click.group()
def plugins() -> None:
    """List, begin, try and trust the merchants' plugins."""


@plugins.command("list")
@pass_given
@click.pass_context
def list_plugins(ctx: click.Context, given: Given) -> None:
    """List every plugin, who uses it and how it stands.

    Exit 1 when an enabled one is broken, quarantined, switched off, or newer than what decides. One that nobody
    enabled is never run.
    """
    from qbconsole.care.plugins import plugins_found

    with given.opened() as workspace:
        found = plugins_found(workspace.means())
    if given.as_json:
        as_json({"plugins": found})
    else:
        heads = ("PLUGIN", "VERSION", "STATE", "MERCHANTS", "HOOKS", "MS", "SHA256", "FROM")
        table(heads, map(_row, found), right=frozenset({5}))
        for one in found:
            if one.trouble:
                talk(f"{one.name}: {one.trouble} {one.next_step}")
    ctx.exit(1 if any(one.trouble for one in found) else 0)


def _row(one: PluginFound) -> tuple[object, ...]:
    return (
        one.name,
        one.version,
        one.state,
        ", ".join(one.merchants),
        ", ".join(one.hooks),
        "" if one.load_ms is None else f"{one.load_ms:.0f}",
        one.sha256[:12],
        one.path,
    )


@plugins.command("new")
@click.argument("name")
@pass_given
def new(given: Given, name: str) -> None:
    """Begin a plugin: a file, a test that passes and a golden order.

    Nothing that is there is overwritten, and nothing runs before a merchant names it in mappings.toml.
    """
    from qbconsole.care.plugins import begin_plugin

    with given.changing() as workspace:
        written = begin_plugin(workspace.root / "plugins", name)
        below = [path.relative_to(workspace.root).as_posix() for path in written]
        merchants = list(workspace.means().mapping.merchants)
    if given.as_json:
        as_json({"plugin": name, "written": below})
        return
    for path in below:
        line(path)
    talk(f"Try it: qbconsole plugins test {name}")
    if merchants:
        talk(f"Enable it: qbconsole mapping set merchants.{merchants[0]}.plugins '[\"{name}\"]'")


@plugins.command("test")
@click.argument("plugin", required=False)
@click.option(
    "--golden", type=click.Path(path_type=Path, file_okay=False), help="Another folder of golden orders."
)
@click.option("--write", is_flag=True, help="Make what golden orders come to now the expected text.")
@pass_given
@click.pass_context
def test(ctx: click.Context, given: Given, plugin: str | None, golden: Path | None, write: bool) -> None:
    """Try a plugin, by NAME or FILE, or all of them: load it, run its tests, decide its golden orders.

    What `book` asks of a changed plugin before it decides anything. Exit 1 when one fails.
    """
    from qbconsole.care.plugins.attempt import attempt, chosen

    with given.changing() if write else given.opened() as workspace:
        found = [
            attempt(name, path, golden=golden, write=write)
            for name, path in chosen(workspace.means().own_plugin_folders, plugin)
        ]
    if given.as_json:
        as_json({"plugins": [one.told() for one in found]})
    else:
        for one in found:
            line(f"{'ok    ' if one.is_good else 'FAILED'}  {one.name}: {one.sentence}")
            block("\n".join(one.lines))
    ctx.exit(0 if all(one.is_good for one in found) else 1)


@plugins.command("trust")
@click.argument("name")
@click.option("--why", default="", help="Why, for the journal.")
@pass_given
def trust(given: Given, name: str, why: str) -> None:
    """Put a plugin's file as it stands in force on your word, though its tests fail.

    It must load, and nobody else may be able to write it. The journal keeps its sha256 and who said so.
    """
    from qbconsole.care.plugins import trust as put_in_force

    with given.changing() as workspace:
        now = put_in_force(workspace.means(), name, who=given.who, why=why)
    if given.as_json:
        as_json({"plugin": now.name, "sha256": now.sha256, "version": now.version, "passed": now.passed})
    else:
        line(f"{now.name} {now.sha256[:12]} decides from the next `book` on.")
