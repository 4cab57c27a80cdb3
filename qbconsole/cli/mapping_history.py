"""`mapping history`, `mapping diff`, `mapping revert`: what was decided when, and back to it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import rich_click as click

from qbconsole.cli.given import Given, pass_given
from qbconsole.cli.output import as_json, line, plain, table, talk

if TYPE_CHECKING:
    from qbconsole.views.revisions import RevisionLine
    from qbconsole.workspace import Workspace


@click.command()
@click.option(
    "--limit", type=click.IntRange(1, 10_000), default=50, show_default=True, help="At most so many."
)
@pass_given
def history(given: Given, limit: int) -> None:
    """List the revisions of mappings.toml: when, who, why, and how many documents were booked under each.

    The one in force stands first and is marked *. A revision never changes; a document keeps the one it was booked
    under.
    """
    from qbconsole.views.revisions import history as revisions_of

    with given.opened() as workspace:
        rows = revisions_of(workspace.store, limit=limit)
    if given.as_json:
        as_json({"revisions": plain(rows)})
        return
    heads = ("", "revision", "when (UTC)", "who", "documents", "why")
    cells = [cell for one in rows for cell in _rows_of(one)]
    table(heads, cells, right=frozenset({1, 4}))
    if not rows:
        talk("There is no revision yet; the first `qbconsole book` or `qbconsole mapping set` keeps one.")


def _rows_of(one: RevisionLine) -> Iterator[tuple[object, ...]]:
    """A revision, and a row for each time it was put back."""
    mark = "*" if one.in_force else ""
    yield mark, one.number, f"{one.kept_at:%Y-%m-%d %H:%M}", one.who, one.documents, one.why
    for back in one.returns:
        yield "", "", f"{back.at:%Y-%m-%d %H:%M}", back.who, "", f"put back: {back.why}"


@click.command()
@click.argument("before", type=int, required=False, metavar="[A]")
@click.argument("after", type=int, required=False, metavar="[B]")
@pass_given
def diff(given: Given, before: int | None, after: int | None) -> None:
    """Show what differs between revision A and revision B.

    Left out, A is the revision in force and B the file on disk, as it stands.
    """
    from qbconsole.rules.mapping.editing import diff_lines

    with given.opened() as workspace:
        old, old_name = _text(workspace, before, in_force=True)
        new, new_name = _text(workspace, after, in_force=False)
    lines = diff_lines(old, new)
    if given.as_json:
        as_json({"from": old_name, "to": new_name, "lines": lines})
        return
    for one in (f"--- {old_name}", f"+++ {new_name}", *lines) if lines else ():
        line(one)
    if not lines:
        talk(f"{old_name} and {new_name} are the same.")


def _text(workspace: Workspace, number: int | None, *, in_force: bool) -> tuple[str, str]:
    """A revision's text or the file's, and what to call it."""
    from qbconsole.care.mapping_file import begin
    from qbconsole.views.revisions import revision
    from qbconsole.workspace import MAPPING

    if number is None and not in_force:
        return begin(workspace.root / MAPPING).start, MAPPING
    found = revision(workspace.store, number)
    return found.text, f"revision {found.id}"


@click.command()
@click.argument("number", type=int)
@click.option("--why", default="", metavar="TEXT", help="Kept with the edit.")
@click.option("--keep", is_flag=True, help="First keep what the file holds and no revision has.")
@pass_given
def revert(given: Given, number: int, why: str, keep: bool) -> None:
    """Put the text of revision NUMBER back into mappings.toml, as one new edit; the text before is kept beside it.

    Plugins and templates are files of their own and stay as they are. Documents that are booked already stay too.
    """
    from qbconsole.care.mapping_file import revert as put_back
    from qbconsole.sync.revising import plugin_hashes, template_hashes
    from qbconsole.views.revisions import revision
    from qbconsole.workspace import MAPPING

    with given.changing() as workspace:
        means = workspace.means()
        done = put_back(means, workspace.root / MAPPING, number, who=given.who, why=why, keep=keep)
        then = revision(workspace.store, number)
        now, own = plugin_hashes(means, workspace.means().mapping), template_hashes(means)
    other = sorted(name for name in then.plugins if now.get(name) != then.plugins[name])
    paths = {*then.templates, *own}
    templates = sorted(path for path in paths if own.get(path) != then.templates.get(path))
    if given.as_json:
        as_json({**plain(done), "plugins_differ": other, "templates_differ": templates})
        return
    line(
        f"Back to revision {number}; the text before is kept as {done.backup}."
        if done.changed
        else f"mappings.toml is revision {number} already."
    )
    differ = [
        f"{kind} {', '.join(names)}"
        for kind, names in (("plugins", other), ("templates", templates))
        if names
    ]
    if differ:
        talk(f"Not as they were then: {'; '.join(differ)}. Put their files back from your version control.")


#: Registered by `cli.mapping`.
COMMANDS = (history, diff, revert)
