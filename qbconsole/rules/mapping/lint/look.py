"""Lint: what may be said, and would still post cost twice, or never, or be refused by QuickBooks.

A fault stops the file from coming into force; a finding does not: `book` goes on, and delivery has its own guards.
Each says at which line it stands and what to write instead. Sources: design.md section 5; accounting.md section 13,
convention 27.
"""

from __future__ import annotations

from collections.abc import Iterator
from collections.abc import Mapping as ReadOnly
from dataclasses import dataclass
from datetime import date

from qbconsole.books.ordered import misfits
from qbconsole.books.roles import EXPENSE, ROLES, stand_ins
from qbconsole.company.snapshot import Company
from qbconsole.rules.mapping.faults import Fault, Path, dotted
from qbconsole.rules.mapping.lint.finding import Finding, Fix
from qbconsole.rules.mapping.lint.listed import remarks
from qbconsole.rules.mapping.lint.posting import postings
from qbconsole.rules.mapping.lint.renamed import renamed_in
from qbconsole.rules.mapping.lint.seen import Seen, notes
from qbconsole.rules.mapping.lint.split import gaps
from qbconsole.rules.mapping.lint.together import apart, onto_itself
from qbconsole.rules.mapping.lint.unreached import unreached
from qbconsole.rules.mapping.places import Places, places
from qbconsole.rules.mapping.read import FILE, parse, read, without_mark
from qbconsole.rules.mapping.values import Mapping, Merchant, Said
from qbconsole.value import replace

#: Kinds of item whose cost QuickBooks posts itself.
_COUNTED = frozenset({"ItemInventory", "ItemInventoryAssembly"})
#: What a summary may keep open balances on: a journal entry may have one line on real accounts receivable.
_RECEIVABLE = ("AccountsReceivable", "OtherCurrentAsset")


def lint(
    text: str,
    companies: ReadOnly[str, Company],
    file: str = FILE,
    *,
    seen: ReadOnly[str, Seen] | None = None,
    today: date | None = None,
) -> tuple[Finding, ...]:
    """Everything lint says of a valid text; lists QuickBooks was never asked for prove nothing.

    `seen`: merchant -> what its stored orders speak of. Without it, and without a day, nothing is noted of them.

    Raises MappingFaults where the text is not valid.
    """
    mapping = read(text, file)
    spots = places(without_mark(text))
    found: dict[tuple[int, str], Finding] = {}
    for merchant in mapping.merchants.values():
        look = _Look(
            mapping=mapping,
            merchant=merchant,
            spots=spots,
            company=companies.get(merchant.company),
            seen=(seen or {}).get(merchant.id),
            today=today,
        )
        for one in look.findings():
            found.setdefault((one.fault.line, one.fault.sentence), one)
    for one in _renamed(text, spots, companies, file):
        found[one.fault.line, one.fault.sentence] = one
    return tuple(sorted(found.values(), key=lambda one: one.fault))


def _renamed(text: str, spots: Places, companies: ReadOnly[str, Company], file: str) -> Iterator[Finding]:
    """Names whose entry is called otherwise in QuickBooks by now: nobody would find it, and delivery holds."""
    for one in renamed_in(parse(text, file), {name: known.renames for name, known in companies.items()}):
        yield Finding(
            fault=Fault(spots.line(one.path), dotted(one.path), one.sentence, file),
            fix=None if one.others else Fix(path=one.path, was=one.was, value=one.now),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Look:
    """One merchant under the lens."""

    mapping: Mapping
    merchant: Merchant
    spots: Places
    company: Company | None
    seen: Seen | None = None
    today: date | None = None

    def findings(self) -> Iterator[Finding]:
        yield from self._cost()
        yield from self._counted_items()
        yield from self._orders()
        yield from self._payouts()
        yield from self._loss()
        yield from self._receivable()
        yield from self._listed()
        yield from self._apart()
        yield from self._split()
        yield from self._unreached()
        yield from self._noted()

    def _noted(self) -> Iterator[Finding]:
        """Rules held against the calendar and the stored orders."""
        for line, path, sentence in notes(self.mapping, self.merchant, self.seen, self.today):
            yield replace(self._at(line, path, sentence, is_error=False), is_note=True)

    def _unreached(self) -> Iterator[Finding]:
        """Rules that never answer: most likely they stand in the wrong order."""
        for level in self.mapping.ladder(self.merchant.id):
            for position, why in unreached(level.rules):
                path = f"{level.level}.rules[{position}]"
                sentence = f"never answers: {why}; move it up, narrow the other, or take it out"
                yield self._at(level.rules[position].line, path, sentence, is_error=False)

    # -- cost, posted once

    def _cost(self) -> Iterator[Finding]:
        """QuickBooks posts cost where it keeps the stock, and nowhere else."""
        cogs, inventory = self.merchant.policy.cogs, self.merchant.modes.inventory
        both = (("policy", "cogs"), ("modes", "inventory"))
        if cogs == "unit_cost" and inventory == "detailed":
            yield self._said(
                both,
                'cost would be posted twice: cogs = "unit_cost" posts it, and so does QuickBooks where it keeps the stock '
                '(inventory = "detailed"); write modes.inventory = "summary", or policy.cogs = "quickbooks"',
            )
        if cogs == "off" and inventory == "detailed":
            yield self._said(
                both,
                'cogs = "off" cannot hold where QuickBooks keeps the stock (inventory = "detailed"): it posts cost itself; '
                'write modes.inventory = "summary", or policy.cogs = "quickbooks"',
            )
        if cogs == "quickbooks" and inventory == "summary":
            yield self._said(
                both[::-1],
                'cost would never be posted: QuickBooks keeps no stock (inventory = "summary") and cogs = "quickbooks" '
                'leaves cost to it; write policy.cogs = "unit_cost", or "off" if no cost is wanted',
            )

    def _counted_items(self) -> Iterator[Finding]:
        """Items of which QuickBooks posts the cost itself, where somebody else was to."""
        cogs = self.merchant.policy.cogs
        if cogs == "quickbooks" or self.company is None or not self.company.items.known:
            return
        for path, said in self._items():
            item = self.company.items.by_name(said.value)
            if item is not None and item.kind in _COUNTED:
                yield self._at(
                    said.line,
                    path,
                    f'"{said.value}" is an inventory item, so QuickBooks posts its cost, and cogs = "{cogs}" forbids that; '
                    'name a non-inventory item, or write policy.cogs = "quickbooks" with modes.inventory = "detailed"',
                    is_error=cogs == "unit_cost",
                )
        counted = sum(item.kind in _COUNTED and item.is_active for item in self.company.items)
        if counted and not self._is_single():
            yield self._said(
                (("items", "product"), ("policy", "cogs")),
                f'QuickBooks has {counted} inventory items; a SKU that names one would post cost beside cogs = "{cogs}"; '
                'write items.product = "single", or make them non-inventory items',
                is_error=False,
            )

    def _items(self) -> Iterator[tuple[str, Said]]:
        """Every item named for this merchant, with where; the defaults are its own too."""
        for level in self.mapping.ladder(self.merchant.id):
            for table in ("items", "items.sku", "items.variant"):
                for key, said in level.entries.get(table, {}).items():
                    if key != "product":
                        yield f"{level.level}.{table}.{key}", said
            for position, rule in enumerate(level.rules):
                if item := rule.outcomes.get("item"):
                    yield f"{level.level}.rules[{position}].item", Said(value=item, line=rule.line)

    def _is_single(self) -> bool:
        said = (level.said("items", "product") for level in self.mapping.ladder(self.merchant.id))
        return next((one.value for one in said if one), "sku") == "single"

    # -- orders that post nothing yet

    def _orders(self) -> Iterator[Finding]:
        """What booking will not follow, by its own words; and an edition without sales orders."""
        policy, place = self.merchant.policy, (("policy", "orders"),)
        for sentence in misfits(policy, self.merchant.modes):
            yield self._said(place, sentence)
        if policy.orders == "sales_order" and self._is_pro():
            yield self._said(
                place,
                'this QuickBooks is the Pro edition, which has no sales orders; write policy.orders = "estimate" or "off"',
            )

    def _is_pro(self) -> bool:
        host = self.company.host if self.company else None
        return host is not None and "pro" in host.product.casefold().split()

    # -- summaries by payout

    def _payouts(self) -> Iterator[Finding]:
        """What a summary by payout does not go with; and rules that its entries, of all channels, never meet."""
        policy, place = self.merchant.policy, (("policy", "summary_by"),)
        if policy.summary_by == "day":
            return
        if self.merchant.modes.sales != "summary":
            yield self._said(place, 'policy.summary_by = "payout" needs modes.sales = "summary"')
        if policy.recognise_on != "order":
            yield self._said(
                place,
                'policy.summary_by = "payout" needs policy.recognise_on = "order": a sale that counts on a day of its own '
                "cannot wait for its payout, and is summed by day",
            )
        for level in self.mapping.ladder(self.merchant.id):
            for position, rule in enumerate(level.rules):
                if rule.when.keys() & {"channel", "location"} and rule.outcomes.keys() & {"account", "class"}:
                    yield self._at(
                        rule.line,
                        f"{level.level}.rules[{position}]",
                        "a payout's entry is of all channels and locations, so this rule finds nothing in it; write "
                        'policy.summary_by = "day" where accounts go by them',
                        is_error=False,
                    )

    # -- roles that must fit

    def _loss(self) -> Iterator[Finding]:
        """Goods that come back and are not put back are a loss: an expense."""
        role = self.merchant.policy.restock_loss_role
        if ROLES[role].types[0] not in EXPENSE:
            yield self._said(
                (("policy", "restock_loss_role"),),
                f'"{role}" is {ROLES[role].use}, no expense; returned goods that are not put back are a loss: write '
                '"inventory_adjustment" or "cogs"',
            )

    def _receivable(self) -> Iterator[Finding]:
        """Customers' balances need accounts receivable; only a summary may keep them on another asset."""
        said, path = self._account("accounts_receivable")
        chart = self.company.chart if self.company else None
        account = chart.find(said.value) if chart is not None and chart.known and said is not None else None
        if said is None or account is None or account.account_type == "AccountsReceivable":
            return
        if self.merchant.modes.sales == "detailed":
            why = 'invoices and payments need an account of type Accounts Receivable; name one, or write modes.sales = "summary"'
        elif account.account_type not in _RECEIVABLE:
            why = "a summary keeps open balances on Accounts Receivable or an Other Current Asset; name one of these"
        else:
            return
        yield self._at(said.line, path, f'"{said.value}" is of type {account.account_type}; {why}')

    def _account(self, role: str) -> tuple[Said | None, str]:
        for name in stand_ins(role):
            for level in self.mapping.ladder(self.merchant.id):
                if said := level.said("accounts", name):
                    return said, f"{level.level}.accounts.{name}"
        return None, ""

    # -- names, and whose an order is

    def _listed(self) -> Iterator[Finding]:
        """What QuickBooks' own lists say against the names."""
        if self.company is not None:
            told = (remarks, postings)
            for one in (found for ask in told for found in ask(self.mapping, self.merchant, self.company)):
                yield self._at(one.line, one.path, one.sentence, is_error=one.is_error)

    def _apart(self) -> Iterator[Finding]:
        """Money that is paid out with Shopify Payments and waits somewhere else, or on the bank already."""
        booked = self.seen.booked if self.seen is not None else frozenset[str]()
        for one in apart(self.mapping, self.merchant, self.company, booked):
            yield replace(self._at(one.line, one.path, one.sentence, is_error=False), is_astray=True)
        for one in onto_itself(self.mapping, self.merchant, self.company):
            yield self._at(one.line, one.path, one.sentence, is_error=False)

    def _split(self) -> Iterator[Finding]:
        """Of a shop that several merchants share, each order is exactly one's; said at the first of them."""
        sharing = self.mapping.merchants_of_shop(self.merchant.shop)
        if len(sharing) < 2 or sharing[0].id != self.merchant.id:
            return
        path: Path = ("merchants", self.merchant.id)
        others = ", ".join(one.id for one in sharing[1:])
        yield self._at(
            self.spots.line(path),
            dotted(path),
            f"payouts, stock and purchases of {self.merchant.shop} are {self.merchant.id}'s, the first of its merchants; "
            f"{others} books orders alone",
            is_error=False,
        )
        for gap in gaps(self.merchant.shop, sharing):
            yield self._at(
                self.spots.line(path),
                dotted(path),
                f"{gap.sentence}; write [merchants.X.filters] so that each order passes those of exactly one",
            )

    # -- places

    def _said(self, settings: tuple[Path, ...], sentence: str, *, is_error: bool = True) -> Finding:
        """A finding at the first of these settings that is written down, the merchant's own before the defaults'."""
        own: Path = ("merchants", self.merchant.id)
        written = [
            (*level, *setting)
            for setting in settings
            for level in (own, ("defaults",))
            if (*level, *setting) in self.spots.spots
        ]
        path = written[0] if written else own
        return self._at(self.spots.line(path), dotted(path), sentence, is_error=is_error)

    def _at(self, line: int, path: str, sentence: str, *, is_error: bool = True) -> Finding:
        fault = Fault(line, path, sentence, self.mapping.file)
        return Finding(fault=fault, is_error=is_error)
