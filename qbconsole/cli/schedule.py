"""`schedule`: when each merchant is synced unasked, how the last run went, and running what is due."""

from __future__ import annotations

from typing import TYPE_CHECKING

import rich_click as click

from qbconsole.cli.given import Given, pass_given
from qbconsole.cli.output import as_json, line, table, talk

if TYPE_CHECKING:
    from qbconsole.views.schedule import Standing


@click.group(invoke_without_command=True)
@pass_given
@click.pass_context
def schedule(ctx: click.Context, given: Given) -> None:
    """Show when each merchant is synced next, or run what is due.

    `serve` runs what is due by itself; `schedule run-due` does it once, for cron or a timer.
    """
    if ctx.invoked_subcommand is not None:
        return
    from qbconsole.views.schedule import standings

    with given.opened() as workspace:
        means = workspace.means()
        found = standings(means.store, means.mapping, now=workspace.clock(), **given.narrowed(means))
    if given.as_json:
        as_json({"merchants": found})
    else:
        table(
            ("MERCHANT", "SCHEDULE", "NEXT", "LAST", "RESULT", "WHAT"),
            [(one.merchant, one.words, *_when(one), *_result(one)) for one in found],
        )
    ctx.exit(1 if any(one.failures for one in found) else 0)


@schedule.command("run-due")
@pass_given
@click.pass_context
def run_due(ctx: click.Context, given: Given) -> None:
    """Run what is due now, each once however many ask, and say what became of it.

    Nothing runs while `serve` or another computer leads: it does so itself.
    """
    from qbconsole.sync.schedule.scheduling import scheduler_of

    with given.changing() as workspace:
        scheduler = scheduler_of(workspace.store, workspace.root, workspace.means)
        try:
            leads = scheduler.leadership.lead()
            ended = list(scheduler.run_due())
        finally:
            scheduler.close()
    if given.as_json:
        as_json({"led": leads, "runs": ended})
    elif not leads:
        talk("Another process leads the schedule and runs what is due.")
    for one in ended if not given.as_json else ():
        line(f"{one.due.merchant}: {one.due.verb}: {one.outcome}: {one.detail}")
    if leads and not ended and not given.as_json:
        line("Nothing is due.")
    ctx.exit(1 if any(one.outcome != "ok" for one in ended) else 0)


def _when(one: Standing) -> tuple[str, str]:
    last = one.last.started_at if one.last is not None else None
    return (
        f"{one.next_at:%Y-%m-%d %H:%M}" if one.next_at else "-",
        f"{last:%Y-%m-%d %H:%M}" if last else "never",
    )


def _result(one: Standing) -> tuple[str, str]:
    if one.last is None:
        return "", ""
    word = one.last.outcome or "running"
    return (f"{word}, {one.failures} in a row" if one.failures > 1 else word), one.last.detail
