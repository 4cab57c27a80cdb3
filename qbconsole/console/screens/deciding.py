"""Deciding: what an operator decides about rows, in the queue and the inspector alike, and how he is asked before.

Retry, ignore, hold and release are about the rows named; an approval is about a company file's whole batch, as `plan` shows it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from decimal import Decimal
from functools import partial
from typing import TYPE_CHECKING

from textual import on

from qbconsole.console.messages import ApprovalPlanned, TargetsRead
from qbconsole.console.screens.framed import Framed
from qbconsole.console.showing import plural
from qbconsole.console.widgets.confirm import Confirm, Question
from qbconsole.console.widgets.dialogs import Ask
from qbconsole.errors import UsageError
from qbconsole.visible import safe

if TYPE_CHECKING:
    from qbconsole.console.desk import Actions, Desk
    from qbconsole.views.plan import BatchPlan
    from qbconsole.views.queue import QueueRow

#: Decisions that ask for a reason, with what the field says.
_REASONED = {
    "ignore": "the reason, kept in the journal",
    "hold": "the reason; L lets it go again",
}
_EFFECTS = {
    "retry": "What may be in QuickBooks already is looked up there first.",
    "ignore": "They leave the queue and are not sent.",
    "hold": "They are kept back until they are released.",
    "release": "What you hold, a flag, and what QuickBooks refused go; what waits for its cause stays.",
}


class Deciding(Framed):
    """A screen whose rows can be decided about. Subclasses give `gather` and `whose_batch`."""

    def gather(self, action: str) -> None:
        """Ask for the rows an action is about; TargetsRead answers."""
        raise NotImplementedError

    def whose_batch(self) -> str | None:
        """Give the merchant whose company file an approval is about; None where no row tells."""
        raise NotImplementedError

    def action_retry(self) -> None:
        """Try the rows again."""
        self.gather("retry")

    def action_ignore(self) -> None:
        """Take the rows out, with a reason."""
        self.gather("ignore")

    def action_hold(self) -> None:
        """Keep the rows back, with a reason."""
        self.gather("hold")

    def action_release(self) -> None:
        """Let the rows go."""
        self.gather("release")

    def action_approve(self) -> None:
        """Look at the batch of the row's company file, then let it go."""
        desk = self.console.desk
        if desk is not None and desk.actions is not None:
            merchant, actions = self.whose_batch() or self.console.merchant, desk.actions
            self.console.look(self, "approval", lambda: ApprovalPlanned(_planned(desk, actions, merchant)))

    @on(TargetsRead)
    def _targets(self, event: TargetsRead) -> None:
        if not event.rows:
            self.console.tell("These rows are gone meanwhile.")
        elif event.action in _REASONED:
            asked = Ask(f"Why {event.action} {named(event.rows)}?", _REASONED[event.action])
            self.console.push_screen(asked, lambda reason: self._confirm(event, reason) if reason else None)
        else:
            self._confirm(event, "")

    def _confirm(self, event: TargetsRead, reason: str) -> None:
        keys = [row.called for row in event.rows]

        def act(actions: Actions) -> str:
            if event.action in _REASONED:
                return (actions.ignore if event.action == "ignore" else actions.hold)(keys, reason)
            return (actions.retry if event.action == "retry" else actions.release)(keys)

        self.ask_first(question(event, reason), act)

    @on(ApprovalPlanned)
    def _approval(self, event: ApprovalPlanned) -> None:
        plan = event.plan
        if not plan.to_approve.count:
            kept = len(plan.to_approve.kept)
            held = (
                f" {kept:,} {'is' if kept == 1 else 'are'} held by name; L on the row releases one."
                if kept
                else ""
            )
            self.console.tell(f"Nothing of {plan.company} waits for approval.{held}")
        else:
            self.ask_first(batch_question(plan), lambda actions: actions.approve(plan))

    def ask_first(self, asked: Question, act: Callable[[Actions], str]) -> None:
        """Do it only after a deliberate y."""

        def answered(yes: bool | None) -> None:
            desk = self.console.desk
            if yes and desk is not None and desk.actions is not None and self.console.may_change:
                self.console.carry_out(self, partial(act, desk.actions))

        self.console.push_screen(Confirm(asked), answered)


def _planned(desk: Desk, actions: Actions, merchant: str | None) -> BatchPlan:
    files = {one.company for one in desk.source.status(None).merchants if merchant in (None, one.id)}
    if len(files) != 1:
        raise UsageError(
            f"an approval is for one company file, and here are {len(files)}",
            next="Put the cursor on a row of the one meant, or choose its merchant with M.",
        )
    return actions.batch_plan(files.pop())


def totals(rows: Iterable[QueueRow]) -> str:
    """Give the sum of each currency."""
    sums: dict[str, Decimal] = {}
    for row in rows:
        if row.total is not None:
            sums[row.total.currency] = sums.get(row.total.currency, Decimal(0)) + row.total.amount
    return ", ".join(f"{value:,} {currency}" for currency, value in sorted(sums.items())) or "no amount"


def named(rows: Sequence[QueueRow]) -> str:
    """Give "3 documents", "1 order", "2 documents and 1 list entry"; of more kinds than two, "9 rows"."""
    counts = Counter(
        "list entry" if row.is_entry else "document" if row.kind[:1].isupper() else row.kind.replace("_", " ")
        for row in rows
    )
    told = [plural(count, safe(word)) for word, count in counts.most_common()]
    return " and ".join(told) if len(told) <= 2 else plural(len(rows), "row")


def _first(names: list[str]) -> str:
    more = f" and {len(names) - 5:,} more" if len(names) > 5 else ""
    return f"{', '.join(names[:5])}{more}"


def question(event: TargetsRead, reason: str) -> Question:
    """Give what the operator is asked: what, how many, how much, into which company file."""
    count = named(event.rows)
    files = ", ".join(event.company_files) or "no company file yet"
    effect = _EFFECTS[event.action] + (f" Reason: {reason}" if reason else "")
    told = (_first([row.number for row in event.rows]), f"{totals(event.rows)}, company file {files}", effect)
    return Question(title=f"{event.action.capitalize()} {count}?", lines=told, count=len(event.rows))


def batch_question(plan: BatchPlan) -> Question:
    """Give what is asked before a batch goes: the same count, words and hash as `plan` and `approve` tell."""
    from qbconsole.views.approval import counted  # brings the store along, which the first paint does without

    going = plan.going
    lines = [f"{plan.to_approve.words}."]
    if going:
        lines.append(_first([one.number for one in going]))
    if plan.to_approve.kept:
        kept = len(plan.to_approve.kept)
        lines.append(f"{kept:,} held by name {'stays' if kept == 1 else 'stay'}; L on the row releases one.")
    lines.append(f"Hash {plan.hash}. Every line and its effect by account: `qbconsole plan`.")
    return Question(
        title=f"Send {counted(len(going), len(plan.adding))} to {plan.company}?",
        lines=tuple(lines),
        count=max(1, len(going) + len(plan.adding)),
    )
