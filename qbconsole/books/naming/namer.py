"""The namer: collects, for one document, the names it uses, who chose them, and what is missing."""

from __future__ import annotations

import json
import shlex
from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from typing import TypeVar, TypeVarTuple

from qbconsole.books.answers import Answers, Choice, Provenance
from qbconsole.books.holds import Hold, Reason
from qbconsole.books.naming.names import Told, Using
from qbconsole.books.plan import Plan, PlanLine
from qbconsole.books.policy import Settings
from qbconsole.books.roles import CLEARING
from qbconsole.company.snapshot import Company
from qbconsole.shop.orders import Order, OrderLine

T = TypeVar("T")
About = TypeVarTuple("About")


@dataclass(slots=True, kw_only=True, eq=False)
class Namer(Using):
    """One document's naming in progress; lives only inside `name_plan`."""

    plan: Plan
    order: Order
    answers: Answers
    #: Key of a document -> its TxnID, or the slot that stands for it.
    slot: Callable[[str], str]
    why: list[tuple[str, Choice]] = field(default_factory=list)
    holds: list[Hold] = field(default_factory=list)
    #: QuickBooks is to add the merchant's own tax.
    computed: bool = False
    _sold: dict[str, OrderLine] | None = None

    def sold(self, line: PlanLine) -> OrderLine | None:
        """The order's line that a plan's line tells of."""
        if self._sold is None:
            self._sold = {one.id: one for one in self.order.lines}
        return self._sold.get(line.line_id) if line.line_id else None

    @property
    def company(self) -> Company:
        """What QuickBooks told us."""
        return self.names.company

    @property
    def settings(self) -> Settings:
        """How the merchant wants events booked."""
        return self.names.settings

    def part(self, key: Hashable, work: Callable[[Namer, *About], T], *about: *About) -> T:
        """Name one part of the document, or take what a part with this key came to before.

        The key must hold all that decides the part's names besides the desk; None where nobody can tell, because a
        plugin or a rule that looks further is asked anew each time. A part with a hold is never remembered: a hold
        speaks of its own document.
        """
        if key is None:
            return work(self, *about)
        told: Told[T] | None = self.names.told.get(key)
        if told is None:
            apart = Namer(
                names=self.names, plan=self.plan, order=self.order, answers=self.answers, slot=self.slot
            )
            found = work(apart, *about)
            apart.settle()
            using = Using(names=self.names, needs=apart.needs, wanted=apart.wanted)
            told = Told(names=found, why=tuple(apart.why), using=using)
            if apart.holds:
                self.holds += apart.holds
            else:
                self.names.keep(key, told)
        self.why += told.why
        self.take(told.using)
        return told.names

    def choose(self, field_name: str, choice: Choice | None) -> str | None:
        """Note who chose a field; None when nobody did."""
        if choice is None:
            return None
        self.why.append((field_name, choice))
        return choice.value

    def account(self, role: str, line: PlanLine | None = None) -> tuple[str, bool]:
        """Full name of the account a role posts to, and whether a rule said so for this very line."""
        choice = self.answers.account(role, line, self.order)
        if choice is None:
            gateway = role.removeprefix(CLEARING)
            where = f"clearing.{gateway}" if role != gateway else f"accounts.{role}"
            self.unmapped(f"account for {role}", where, f"account:{role}")
            return f"?{role}", False
        self.why.append((f"account of {role}", choice))
        return self.names.account(choice.value), choice.explicit

    def is_own_tax_account(self, account: str) -> bool:
        """True for QuickBooks' own Sales Tax Payable; by its name while the chart was never read."""
        found = self.company.chart.find(account) if self.company.chart.known else None
        if found is None:
            return account.casefold() == "sales tax payable"
        return found.special_account_type == "SalesTaxPayable"

    def unmapped(self, what: str, where: str, cause: str, value: str = "NAME") -> None:
        """Hold delivery: nobody named something. The command that would is told as a shell takes it."""
        path = shlex.quote(f"merchants.{self.settings.merchant}.{where}")
        self.holds.append(
            Hold(
                reason=Reason.UNMAPPED,
                # A document may lack several names: each is a hold of its own, cured on its own.
                where=f"order {self.order.name}, {what}",
                sentence=f"No {what} is named in the mapping.",
                next_step=f"Name it: qbconsole mapping set {path} {shlex.quote(value)}",
                subject=self.plan.key,
                cause=f"unmapped:{cause}",
            )
        )


def tax_path(title: str, column: str = "") -> str:
    """Where a tax is named below a merchant; its title in TOML's quotes, whatever it holds."""
    return f"taxes.{json.dumps(title, ensure_ascii=False)}" + (f".{column}" if column else "")


#: Said by the program itself, not by a mapping: QuickBooks' own default names.
OWN = Provenance(who="qbconsole", place="QuickBooks' own default")
