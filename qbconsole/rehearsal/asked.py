"""How a rehearsal books: the settings asked for, written into the rehearsal's mapping as an operator would.

A setting is named as in mappings.toml, without its table: "recognise_on", "inventory", "closing_date". What a policy
needs besides is set with it, unless it is asked for otherwise: a cost we post ourselves, or none at all, needs items
that QuickBooks does not count; tax as an ordinary charge needs an ordinary liability, because no item may post to
QuickBooks' own Sales Tax Payable; tax that QuickBooks computes needs the items it computes by.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, fields

from qbconsole.books.policy import Mode, Modes, Policy
from qbconsole.errors import UsageError
from qbconsole.rehearsal import taxes
from qbconsole.rules.mapping.edit import set_values

_POLICY = tuple(one.name for one in fields(Policy))
_MODES = tuple(one.name for one in fields(Modes) if one.name != "sales")
_COMPANY, _MERCHANT = "closing_date", "start"
_ORDINARY = "Sales Tax Collected"
#: Every setting that can be asked for.
NAMES = (*_POLICY, *_MODES, _COMPANY, _MERCHANT)


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What is asked of a rehearsal; nothing leaves the shipped mapping as it is."""

    mode: Mode = "detailed"
    #: Name -> value, as they are written on a command line.
    settings: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Raises UsageError for a setting that there is not."""
        for name in self.settings:
            if name not in NAMES:
                raise UsageError(f"there is no setting {name!r}", next=f"Name one of {', '.join(NAMES)}.")

    def written(self, text: str, company: str, merchants: tuple[str, ...]) -> str:
        """A mapping's text with the settings in it. Raises MappingFaults where a value is none."""
        pairs = [pair for name, value in self._whole() for pair in _places(name, value, company, merchants)]
        if self.settings.get("tax") == "liability_line":
            pairs.append(("defaults.accounts.sales_tax_payable", _ORDINARY))
        if self.settings.get("tax") == "quickbooks":
            pairs += taxes.settings()
        return set_values(text, pairs) if pairs else text

    def _whole(self) -> Iterator[tuple[str, str]]:
        asked = dict(self.settings)
        if self.mode == "summary" or asked.get("summary_by") == "payout":
            yield "sales", "summary"
            if asked.get("inventory") != "detailed":
                # A daily journal moves no stock, so the cost of what was sold is ours to post.
                asked.setdefault("cogs", "unit_cost")
        if asked.get("cogs", "quickbooks") != "quickbooks":
            asked.setdefault("inventory", "summary")
        yield from asked.items()


def _places(name: str, value: str, company: str, merchants: tuple[str, ...]) -> Iterator[tuple[str, str]]:
    """Where a setting stands in the mapping."""
    if name == _COMPANY:
        yield f"companies.{company}.{name}", value
    elif name == _MERCHANT:
        yield from ((f"merchants.{merchant}.{name}", value) for merchant in merchants)
    else:
        yield f"defaults.{'policy' if name in _POLICY else 'modes'}.{name}", value
