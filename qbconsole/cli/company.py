"""`company status`, `company decide`: is the right company file open, and the operator's word where it is not."""

from __future__ import annotations

from typing import TYPE_CHECKING

import rich_click as click

from qbconsole.cli.deciding import confirm_count
from qbconsole.cli.given import Given, pass_given
from qbconsole.cli.output import as_json, line, talk
from qbconsole.errors import UsageError

if TYPE_CHECKING:
    from qbconsole.care.company_file import DecisionPlan
    from qbconsole.views.company_file import FileState

_WORDS = ("restored", "copy", "relink", "stop")
#: What comes of a word, and of `stop`.
_THEN = ("The next session carries it out.", "Nothing is written until another file is open.")


@click.group()
def company() -> None:
    """Say how the company files stand; decide where one stopped."""


@company.command()
@pass_given
@click.pass_context
def status(ctx: click.Context, given: Given) -> None:
    """Say what the last session found about each company file, on what grounds, and what may be said of it.

    Exit 1 where nothing is written to one of them.
    """
    from qbconsole.views.company_file import file_state

    with given.opened() as workspace:
        means = workspace.means()
        wanted = (
            [given.the_company(means)] if given.company or given.merchant else list(means.mapping.companies)
        )
        found = [file_state(workspace.store, one, means.mapping.companies[one].name) for one in wanted]
    if given.as_json:
        as_json({"companies": found})
    else:
        for one in found:
            _show(one)
    ctx.exit(0 if all(one.is_well for one in found) else 1)


def _show(one: FileState) -> None:
    line(f"{one.company}: {one.word}, {one.linked_name or one.name + ' (not linked yet)'}")
    if one.sentence:
        line(f"  {one.sentence}")
    elif one.stopped:
        line(f"  {one.stopped}")
    for what, value in one.evidence:
        line(f"  {what}: {value}")
    if one.decided:
        line(f"  {one.decided}")
    elif one.next_step:
        line(f"  -> {one.next_step}")
        line(f"  may be said: {', '.join(one.choices)}")
    if one.lost or one.deleted:
        line(f"  gone from QuickBooks: {one.lost} lost by a restore, {one.deleted} deleted there")
    if one.deleted_gap:
        line(f"  {one.deleted_gap}")


@company.command()
@click.argument("company_id", metavar="ID")
@click.argument("word", type=click.Choice(_WORDS))
@click.option("--post-again", is_flag=True, help="Post what turns out lost again at once.")
@click.option(
    "--yes",
    type=click.IntRange(0),
    metavar="COUNT",
    help="Confirm without asking: 1, the company file; with --post-again the documents that are looked for.",
)
@pass_given
def decide(given: Given, company_id: str, word: str, post_again: bool, yes: int | None) -> None:
    """Say what is to be done about a company file that stopped a session.

    restored: a backup was put in place, of the company file or of our database. copy: this copy is the one to go on
    with. relink: this is the right file. stop: it is not. Nothing is sent by this; the next session carries it out.
    """
    from qbconsole.care.company_file import decide as carry_out
    from qbconsole.care.company_file import plan_decision

    with given.changing() as workspace:
        if company_id not in workspace.means().mapping.companies:
            raise UsageError(
                f"there is no company {company_id!r}", next="`qbconsole company status` lists them."
            )
        plan = plan_decision(workspace.store, company_id, word, workspace.clock, post_again=post_again)
        _confirm(given, plan, yes)
        done = carry_out(
            workspace.store,
            company_id,
            word,
            workspace.clock,
            who=given.who,
            post_again=post_again,
            seen=plan.hash,
        )
    if given.as_json:
        as_json(done)
    elif done.is_said:
        line(f"{company_id}: {word} was said already. {_THEN[done.word == 'stop']}")
    else:
        line(f"{company_id}: {word}. {_THEN[done.word == 'stop']}")


def _confirm(given: Given, plan: DecisionPlan, yes: int | None) -> None:
    """Show the plan and ask; the default is no, and ten documents or more are typed."""
    if plan.is_said:
        return
    talk(plan.sentence)
    for step in plan.steps:
        talk(f"  {step}")
    what = "documents" if plan.post_again else "company file"
    confirm_count(given, plan.count, f"Say {plan.word} of {plan.company}?", yes, what=what)
