"""`console`: the Textual app, opened only here."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import rich_click as click

from qbconsole.cli.given import Given, pass_given

if TYPE_CHECKING:
    from qbconsole.care.attention import Operator
    from qbconsole.care.company_file import DecisionPlan
    from qbconsole.care.mapping_file import Edited
    from qbconsole.rules.mapping.editing import Editing
    from qbconsole.views.plan import BatchPlan
    from qbconsole.views.queue import QueueId
    from qbconsole.workspace import Workspace


class ConsoleActions:
    """What the console may have done: the verbs behind `queue`, `hold`, `release`, `approve`, `mapping set` and `book`."""

    def __init__(self, operator: Operator, workspace: Workspace) -> None:
        self._operator = operator
        self._workspace = workspace

    def retry(self, keys: Sequence[str]) -> str:
        """Make the rows ready again; gives one sentence in the past tense."""
        return self._operator.retry(keys).sentence("made ready again")

    def ignore(self, keys: Sequence[str], reason: str) -> str:
        """Take the rows out for good; gives one sentence in the past tense."""
        return self._operator.ignore(keys, reason).sentence("ignored")

    def hold(self, keys: Sequence[str], reason: str) -> str:
        """Keep rows back; gives one sentence in the past tense."""
        return self._operator.hold(keys, reason).sentence("held")

    def release(self, keys: Sequence[str]) -> str:
        """Let rows go; gives one sentence in the past tense."""
        return self._operator.release(keys).sentence("released")

    def batch_plan(self, company: str) -> BatchPlan:
        """Give what an approval would let go."""
        from qbconsole.views.plan import batch_plan

        return batch_plan(self._workspace.store, company)

    def approve(self, plan: BatchPlan) -> str:
        """Let the batch go exactly as it was seen; gives one sentence."""
        from qbconsole.views.approval import counted

        done = self._operator.approve(plan.company, plan.hash)
        if not done.to_approve.count:
            return f"Nothing of {done.company} waited for approval any more: it was approved meanwhile."
        return f"Approved {counted(len(done.going), len(done.adding))} for {done.company}."

    def plan_decision(self, company: str, word: str) -> DecisionPlan:
        """Tell what a word on a company file would do."""
        from qbconsole.care.company_file import plan_decision

        return plan_decision(self._workspace.store, company, word, self._workspace.clock)

    def decide(self, plan: DecisionPlan) -> str:
        """Say the word that was planned."""
        from qbconsole.care.company_file import decide

        store, clock = self._workspace.store, self._workspace.clock
        decide(store, plan.company, plan.word, clock, who=self._operator.who, seen=plan.hash)
        return f"{plan.company}: {plan.word}. The next session carries it out."

    def save_mapping(self, editing: Editing) -> Edited:
        """Put the edited text in mappings.toml's place."""
        from qbconsole.care.mapping_file import save
        from qbconsole.workspace import MAPPING

        path = self._workspace.root / MAPPING
        return save(self._workspace.means(), path, editing, who=self._operator.who)

    def book_again(self) -> str:
        """Book what is held and may be cured by now; gives one sentence in the past tense."""
        from qbconsole.sync.book import book

        before, means = self._held(), self._workspace.means()
        booked = book(means, means.merchants())
        after = self._held()
        told = f"Booked again: {len(before - after):,} released, {len(after):,} still held."
        return " ".join((told, *booked.stopped.values()))

    def _held(self) -> set[QueueId]:
        from qbconsole.views.queue import View, ids

        return set(ids(self._workspace.store, View.ALL, text="status:held"))


def open_console(given: Given, *, banner: str = "") -> int:
    """Open the console on the workspace; gives the exit status."""
    from qbconsole.care.logbook import keep_log
    from qbconsole.console.app import run

    def actions(workspace: Workspace) -> ConsoleActions:
        from qbconsole.cli.deciding import operator

        return ConsoleActions(operator(Given(root=workspace.root), workspace), workspace)

    keep_log(given.place / ".qbconsole" / "logs", write=(given.place / "mappings.toml").is_file())
    return run(given.root, readonly=given.readonly, merchant=given.merchant, banner=banner, actions=actions)


@click.command()
@pass_given
@click.pass_context
def console(ctx: click.Context, given: Given) -> None:
    """Open the console.

    It needs a terminal; without one use `qbconsole status`.
    """
    ctx.exit(open_console(given))
