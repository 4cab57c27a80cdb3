"""The namer: collects, for one document, the names it uses, who chose them, and what is missing."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field

from qbconsole.books.answers import Answers, Choice, Provenance
from qbconsole.books.holds import Hold, Reason
from qbconsole.books.plan import Plan, PlanLine
from qbconsole.books.policy import Settings
from qbconsole.books.roles import CLEARING
from qbconsole.company.snapshot import Company
from qbconsole.shop.orders import Order

#: Longest own name in each list (protocol notes, section 12).
NAME_MAX = {"customer": 41, "vendor": 41}


@dataclass(frozen=True, slots=True)
class Need:
    """A name of a QuickBooks list that a request uses; it must exist before the request may go."""

    #: "account", "item", "customer", "vendor", "class", "payment_method", "sales_tax_code"
    list_kind: str
    full_name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """How a needed name would be added to QuickBooks, should it be missing and may we add it."""

    need: Need
    #: A list entry of `books.documents.list_entries` or `books.documents.items`.
    entry: object
    #: Names the entry itself uses: its accounts, its parent, its agency.
    needs: tuple[Need, ...] = ()


@dataclass(slots=True)
class Namer:
    """One document's naming in progress; lives only inside `name_plan`."""

    plan: Plan
    order: Order
    answers: Answers
    company: Company
    settings: Settings
    #: Key of a document -> its TxnID, or the slot that stands for it.
    slot: Callable[[str], str]
    #: Text and length -> what QuickBooks will keep of a name.
    fit: Callable[[str, int], str]
    needs: dict[Need, None] = field(default_factory=dict)
    wanted: dict[Need, Wanted] = field(default_factory=dict)
    why: list[tuple[str, Choice]] = field(default_factory=list)
    holds: list[Hold] = field(default_factory=list)
    #: QuickBooks is to add the merchant's own tax.
    computed: bool = False

    def choose(self, field_name: str, choice: Choice | None) -> str | None:
        """Note who chose a field; None when nobody did."""
        if choice is None:
            return None
        self.why.append((field_name, choice))
        return choice.value

    def need(self, list_kind: str, full_name: str) -> str:
        """Use a name of a list, in the form QuickBooks keeps it."""
        legal = self.legal(list_kind, full_name)
        self.needs[Need(list_kind, legal)] = None
        return legal

    def legal(self, list_kind: str, full_name: str) -> str:
        """Each part of a full name fitted to its length; one that had to be cut ends in a stable mark."""
        limit = NAME_MAX.get(list_kind, 31)
        return ":".join(self._part(part, limit) for part in full_name.split(":"))

    def _part(self, text: str, limit: int) -> str:
        fitted = self.fit(text, 4095)
        if len(fitted) <= limit:
            return fitted
        mark = hashlib.sha256(text.encode()).hexdigest()[:5].upper()
        return f"{self.fit(fitted[: limit - 6], limit - 6)}~{mark}"

    def account(self, role: str, line: PlanLine | None = None) -> tuple[str, bool]:
        """Full name of the account a role posts to, and whether a rule said so for this very line."""
        choice = self.answers.account(role, line, self.order)
        if choice is None:
            gateway = role.removeprefix(CLEARING)
            where = f"clearing.{gateway}" if role != gateway else f"accounts.{role}"
            self.unmapped(f"account for {role}", where, f"account:{role}")
            return f"?{role}", False
        self.why.append((f"account of {role}", choice))
        return self._known_account(choice.value), choice.explicit

    def _known_account(self, name: str) -> str:
        """A number or "4000 · Sales" becomes the full name once the chart is known."""
        found = self.company.chart.find(name) if self.company.chart.known else None
        return found.full_name if found else name

    def unmapped(self, what: str, where: str, cause: str) -> None:
        """Hold delivery: nobody named something."""
        self.holds.append(
            Hold(
                reason=Reason.UNMAPPED,
                where=f"order {self.order.name}",
                sentence=f"No {what} is named in the mapping.",
                next_step=f"Name it: qbconsole mapping set merchants.{self.settings.merchant}.{where} NAME",
                subject=self.plan.key,
                cause=f"unmapped:{cause}",
            )
        )


#: Said by the program itself, not by a mapping: QuickBooks' own default names.
OWN = Provenance(who="qbconsole", place="QuickBooks' own default")
