"""The ladder: merchant rule > merchant table > defaults rule > defaults table, and who was passed over.

One ladder serves one merchant on the days between two changes of its dated rules. It only names; whether a
name exists in QuickBooks and may be created is decided later.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import date

from qbconsole.books.answers import TOGETHER, Choice, Provenance
from qbconsole.books.plan import LineKind
from qbconsole.books.roles import CLEARING, ROLES, stand_ins
from qbconsole.company import Company
from qbconsole.rules.conditions import first, of_day
from qbconsole.rules.facts import Facts
from qbconsole.rules.legal import channel_label, item_name, party_name
from qbconsole.rules.mapping.values import (
    Mapping,
    Merchant,
    Rule,
    Tables,
    folded,
    folded_taxes,
    split_account,
)
from qbconsole.rules.steps import Steps, by_place, steps_of
from qbconsole.shop.orders import Order
from qbconsole.value import replace

BUILT_IN = Provenance(who="qbconsole", place="built in")
MISC_ITEM = "Shopify misc"
HOUSE_CUSTOMER = "Shopify {channel}"
HOUSE_VENDOR = "Shopify Suppliers"
_FIXED = {
    "misc": MISC_ITEM,
    "zero_tax": "Shopify Zero Tax",
    "subtotal": "Shopify Subtotal",
    "payment": "Shopify Payment",
}
#: Tables a tax may be named in.
_TAXES = ("taxes", "taxes.group", "taxes.charge")
SHOPIFY_TERMS = Provenance(who="qbconsole", place="the order's own terms")


def _item_or_group(keys: Iterable[str]) -> Steps:
    return [step for key in keys for step in (("taxes.group", folded_taxes(key)), ("taxes", folded(key)))]


def built_in(silent: Sequence[str]) -> Provenance:
    """Said by the program itself, after these were asked and said nothing."""
    return replace(BUILT_IN, silent=tuple(silent)) if silent else BUILT_IN


class Ladder:
    """Every answer mappings.toml gives for one merchant."""

    def __init__(self, mapping: Mapping, merchant: str, company: Company | None, day: date | None) -> None:
        self.file = mapping.file
        self.merchant: Merchant = mapping.merchants[merchant]
        self.levels: tuple[Tables, ...] = mapping.ladder(merchant)
        self.company = company
        self._rules: dict[tuple[str, str], tuple[Rule, ...]] = {
            (tables.level, outcome): of_day(tables.rules, outcome, day)
            for tables in self.levels
            for outcome in {name for rule in tables.rules for name in rule.outcomes}
        }
        self._day = day
        self._agencies = dict(self._tax_agencies())

    def rules(self, outcome: str) -> tuple[Rule, ...]:
        """Every rule that decides an outcome today, nearest level first."""
        return tuple(rule for tables in self.levels for rule in self._rules.get((tables.level, outcome), ()))

    def has(self, table: str) -> bool:
        """Whether either level has a table of this name."""
        return any(table in tables.entries for tables in self.levels)

    def climb(
        self, outcome: str, facts: Facts, steps: Steps, silent: list[str] | None = None
    ) -> Choice | None:
        """The first answer from the top, with everybody who was asked before and said nothing.

        `silent` holds those a question asked earlier, and grows: whoever answers in the end names them all.
        """
        silent = [] if silent is None else silent
        for tables in self.levels:
            if rules := self._rules.get((tables.level, outcome)):
                if rule := first(rules, outcome, facts):
                    by = self._by(rule.line, silent)
                    return Choice(value=rule.outcomes[outcome], by=by, explicit=True)
                if f"[[{tables.level}.rules]]" not in silent:
                    silent.append(f"[[{tables.level}.rules]]")
            for table, key in steps:
                if said := tables.said(table, key):
                    return Choice(value=said.value, by=self._by(said.line, silent))
                if table in tables.entries and f"[{tables.level}.{table}]" not in silent:
                    silent.append(f"[{tables.level}.{table}]")
        return None

    def _by(self, line: int, silent: Sequence[str]) -> Provenance:
        return Provenance(who=self.file, place=f"{self.file}:{line}", silent=tuple(silent))

    # -- accounts ---------------------------------------------------------------------------------

    def account(self, role: str, facts: Facts) -> Choice | None:
        """The account of a role, of the nearest role that may stand in, or QuickBooks' own special one."""
        silent: list[str] = []
        for name in stand_ins(role):
            is_clearing = name.startswith(CLEARING)
            step = ("clearing", name.removeprefix(CLEARING)) if is_clearing else ("accounts", name)
            found = self.climb("account" if name == role else "", facts, [step], silent)
            if found is not None:
                return replace(found, value=self.account_name(found.value))
            if special := self._special(name, silent):
                return special
        return None

    def account_name(self, text: str) -> str:
        """The full name of an account as QuickBooks has it; where it is unknown, the name or number given."""
        account = self.company.chart.find(text) if self.company else None
        if account is not None:
            return account.full_name
        number, name = split_account(text)
        return name or number

    def _special(self, role: str, silent: Sequence[str]) -> Choice | None:
        special = ROLES[role].special if role in ROLES else ""
        account = self.company.chart.by_special(special) if self.company and special else None
        if account is None:
            return None
        place = f"the company file's own {special}"
        by = Provenance(who="QuickBooks", place=place, silent=tuple(silent))
        return Choice(value=account.full_name, by=by)

    # -- items ------------------------------------------------------------------------------------

    def item(self, facts: Facts) -> Choice | None:
        """The item of a line: products by rule, variant or SKU, everything else by its role."""
        line, sale = facts.line, facts.sale
        if line is None:
            return None
        if line.kind is not LineKind.PRODUCT or self.goods_stay_out(facts):
            return self.role_item(facts.role, facts)
        sku = (sale.sku or "").strip() if sale else ""
        steps = []
        if sale and sale.variant_id:
            steps.append(("items.variant", folded(sale.variant_id)))
        if sku:
            steps.append(("items.sku", folded(sku)))
        if sale and sale.barcode:
            steps.append(("items.barcode", folded(sale.barcode)))
        if sale and sale.product_type:
            steps.append(("items.product_type", folded(sale.product_type)))
        silent: list[str] = []
        found = self.climb("item", facts, steps, silent)
        if found is not None:
            return found
        strategy = self.climb("", facts, [("items", "product")], silent)
        by = strategy.by if strategy else built_in(silent)
        if strategy and strategy.value == "single":
            return self.climb("", facts, [("items", "sales_income")], silent)
        barcode = (sale.barcode or "").strip() if sale else ""
        return self._item_of_sku(sku, barcode, by) if sku else self.fixed_item("misc", silent)

    def goods_stay_out(self, facts: Facts) -> bool:
        """Counted goods given back but not put back: their own item on a memo would raise the stock."""
        line, sale = facts.line, facts.sale
        return bool(
            line
            and sale
            and line.returned
            and not line.restocked
            and sale.may_be_counted
            and self.merchant.modes.inventory == "detailed"
        )

    def role_item(self, role: str, facts: Facts) -> Choice | None:
        """A role's item; another role's only where both post to the same account."""
        own, silent = self.account(role, Facts()), list[str]()
        for name in stand_ins(role):
            if name != role:
                other = self.account(name, Facts())
                if own is None or other is None or own.value != other.value:
                    continue
            found = self.climb("item" if name == role else "", facts, [("items", name)], silent)
            if found is not None:
                return found
        return None

    def fixed_item(self, word: str, silent: list[str] | None = None) -> Choice:
        """An item no role needs: "misc", "zero_tax", "subtotal" or "payment"."""
        silent = [] if silent is None else silent
        found = self.climb("", Facts(), [("items", word)], silent)
        return found or Choice(value=_FIXED[word], by=built_in(silent))

    def _item_of_sku(self, sku: str, barcode: str, by: Provenance) -> Choice | None:
        """The item QuickBooks has for a SKU, else the name one is created by; None when two could be meant.

        Among bar codes the product's own is looked for first, then its SKU.
        """
        name = item_name(sku)
        items = self.company.items if self.company else None
        if items is None or not items.known:
            return Choice(value=name, by=by)
        fields = next((tables.match for tables in self.levels if tables.match), ("name",))
        for field in fields:
            wanted = [barcode, sku] if field == "barcode" and barcode else [sku]
            found = (items.by_sku(one, field) for one in wanted)
            hits = next(
                (active for group in found if (active := [one for one in group if one.is_active])), []
            )
            if hits:
                return Choice(value=hits[0].full_name, by=by) if len(hits) == 1 else None
        return Choice(value=name, by=by)

    # -- taxes ------------------------------------------------------------------------------------

    def tax(self, facts: Facts) -> Choice | None:
        """The item of one tax, by title, province or one for all, as the policy says."""
        line, policy = facts.line, self.merchant.policy
        if line is None:
            return None
        if facts.role != "sales_tax_payable":
            return self.role_item(facts.role, facts)
        if policy.tax == "quickbooks":
            return self._computing(line.tax_title, facts)
        keys = self._tax_keys(line.tax_title, facts)
        if policy.tax == "liability_line":
            steps = [*(("taxes.charge", key) for key in keys), ("items", "sales_tax_payable")]
        else:
            steps = [("taxes", key) for key in keys]
        return self.climb("tax", facts, steps)

    def _computing(self, title: str, facts: Facts) -> Choice | None:
        """The item or group by which QuickBooks computes one tax, or several that stand together."""
        titles = title.split(TOGETHER)
        if len(titles) > 1 and self.merchant.policy.tax_by == "title":
            named = self.climb("tax", facts, _item_or_group([title]))
            if named is not None:
                return named
        each = [self.climb("tax", facts, _item_or_group(self._tax_keys(one, facts))) for one in titles]
        first = each[0]
        same = first is not None and all(one is not None and one.value == first.value for one in each)
        return first if same else None

    def _tax_keys(self, title: str, facts: Facts) -> list[str]:
        """What a tax is looked up by, nearest first; "*" is every other."""
        tax_by, own = self.merchant.policy.tax_by, folded(title)
        if tax_by == "title":
            return [own, "*"]
        if tax_by == "single":
            return ["*"]
        told = [folded(name) for name in facts.order.province] if facts.order else []
        # Where the order does not tell its province, titles of taxes mostly begin with it: "California State Tax".
        known = {key for table in _TAXES for tables in self.levels for key in tables.entries.get(table, {})}
        begun = sorted((key for key in known if key != "*" and own.startswith(key)), key=len)
        return [*told, *reversed(begun), "*"]

    def _tax_agencies(self) -> Iterator[tuple[str, Choice]]:
        for tables in reversed(self.levels):
            for key, said in tables.entries.get("taxes.agency", {}).items():
                for table, own in (("taxes", key), ("taxes.group", folded_taxes(key))):
                    if item := tables.said(table, own):
                        yield folded(item.value), Choice(value=said.value, by=self._by(said.line, ()))

    def agency(self, tax_item: str) -> Choice | None:
        """The vendor a sales-tax item owes its tax to."""
        return self._agencies.get(folded(tax_item))

    # -- people, classes, the rest -----------------------------------------------------------------

    def channel(self, source: str) -> str:
        """A channel's label: as [channels] renames it, else Shopify's own word for it."""
        found = self.climb("", Facts(), [("channels", folded(source))])
        return found.value if found else channel_label(source)

    def customer(self, facts: Facts) -> Choice | None:
        """The buyer's own customer, or the house customer of the channel; who buys on terms is always named."""
        order = facts.order
        if order is None:
            return None
        on_terms = order.terms is not None
        buyer, summary = order.buyer, self.merchant.modes.customers == "summary" and not on_terms
        named = ((buyer.email, "buyers"), (buyer.id, "buyers"), (buyer.company, "companies"))
        steps = [(f"customers.{table}", folded(text)) for text, table in named if text]
        house = [("customers", "house")]
        silent: list[str] = []
        found = self.climb("customer", facts, [*steps, *(house if summary else ())], silent)
        if found is None and not summary:
            name = buyer.company or buyer.name if on_terms else buyer.name
            found = self._buyer(name, buyer.email, silent) or self.climb("", facts, house, silent)
        found = found or Choice(value=HOUSE_CUSTOMER, by=built_in(silent))
        if "{channel}" not in found.value:
            return found
        parts = found.value.replace("{channel}", party_name(facts.channel)).split(":")
        return replace(found, value=":".join(party_name(part) for part in parts))

    def _buyer(self, name: str, email: str, silent: Sequence[str]) -> Choice | None:
        """The customer with exactly the buyer's e-mail, else one by the buyer's name or e-mail."""
        same = self.company.names.by_email(email) if self.company and email else ()
        if len(same) == 1 and same[0].is_active:
            place = f"the customer with the e-mail {email}"
            by = Provenance(who="QuickBooks", place=place, silent=tuple(silent))
            return Choice(value=same[0].full_name, by=by)
        text = name.strip() or email.strip()
        return Choice(value=party_name(text), by=built_in(silent)) if text else None

    def vendor(self, vendor: str) -> Choice | None:
        """The vendor of a purchase: by rule, named, by the shop's own name, or the house vendor."""
        house = [("vendors", "house")]
        detailed = self.merchant.modes.vendors == "detailed" and bool(vendor.strip())
        steps: Steps = [("vendors.names", folded(vendor)), *([] if detailed else house)]
        silent: list[str] = []
        found = self.climb("vendor", Facts(vendor=vendor), steps, silent)
        value = party_name(vendor) if detailed else HOUSE_VENDOR
        return found or Choice(value=value, by=built_in(silent))

    def class_(self, facts: Facts) -> Choice | None:
        """The class of a line (by rule only), or of a sale by rule, location or channel."""
        if facts.order is None or facts.line is not None:
            return self.climb("class", facts, ())
        return self.climb("class", facts, by_place("classes", facts))

    def payment_method(self, handle: str, facts: Facts) -> Choice | None:
        """The payment method of a gateway, else the one for all."""
        steps = [("payment_methods", handle), ("payment_methods", "*")]
        return self.climb("payment_method", facts, steps)

    def document(self, facts: Facts) -> Choice:
        """By rule, location or channel; a SalesReceipt where nobody asks for an Invoice."""
        silent: list[str] = []
        found = self.climb("document", facts, by_place("documents", facts), silent)
        return found or Choice(value="SalesReceipt", by=built_in(silent))

    # -- fields beside customer, items and accounts -------------------------------------------------

    def field(self, name: str, facts: Facts) -> Choice | None:
        """What a field of `books.documents.fields` says; None leaves it out. Shopify's own terms stand where nobody names any."""
        found = self.climb(name, facts, steps_of(name, facts))
        terms = facts.order.terms if facts.order and name == "terms" else None
        if found is None and terms is not None and terms.name:
            return Choice(value=terms.name, by=SHOPIFY_TERMS)
        return found

    def unregistered(self, order: Order) -> Choice | None:
        """The province whose tax is not the merchant's to take, as [registered] says; None where it is, or unknown.

        Where neither level has the table, and where Shopify tells no province, nothing is held.
        """
        tables = [tables for tables in self.levels if tables.registered is not None]
        if not tables or not order.province:
            return None
        for level in tables:
            for name in order.province:
                said = (level.registered or {}).get(folded(name))
                if said is not None:
                    if said.holds(self._day):
                        return None
                    return Choice(value=order.province[-1], by=self._by(said.line, ()))
        place = Provenance(who=self.file, place=f"[{tables[0].level}.registered] of {self.file}")
        return Choice(value=order.province[-1], by=place)
