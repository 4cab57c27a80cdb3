"""Why a payout waits: it is foreign, unfinished, a test, or does not add up.

Invariant 8 of accounting.md section 5: net = sum of the rows' nets = summary gross - summary fees, and in each
row net = amount - fee. The first is tested by magnitude, because sources sign a withdrawal both ways.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from decimal import Decimal

from qbconsole.books.facts.checks import foreign, held
from qbconsole.books.facts.payout.roles import OWN_ROW, is_known
from qbconsole.books.holds import Hold, Reason
from qbconsole.books.policy import Settings
from qbconsole.money import Money, total
from qbconsole.shop.payments.payouts import BalanceEntry, Figure, Payout

_NEXT = "Compare the payout in Shopify; pull it again once it is right there, or book it by hand."


def posted_rows(payout: Payout) -> tuple[BalanceEntry, ...]:
    """The rows that mean money: not the payout's own row, and no test."""
    return tuple(row for row in payout.rows if row.type != OWN_ROW and not row.test)


def amounts_of(payout: Payout) -> tuple[Money, ...]:
    """Every amount of it that must be in the company file's currency."""
    rows = (amount for row in posted_rows(payout) for amount in (row.amount, row.fee, row.net))
    return (*rows, *(() if payout.net is None else (payout.net,)))


def payout_holds(payout: Payout, key: str, settings: Settings) -> tuple[Hold, ...]:
    """Why the payout may not be booked now; empty when it may."""
    rows = posted_rows(payout)
    where = f"payout {payout.id}"
    mixed = tuple(foreign(key, where, amounts_of(payout), settings))
    if mixed:
        return mixed
    if not rows and any(row.test for row in payout.rows):
        sentence = "All its rows are made in test mode; that is not money."
        return (held(key, Reason.TEST_ORDER, where, sentence, "Nothing to do."),)
    return tuple(_sums(payout, rows, key, where, settings.home_currency))


def row_flags(payout: Payout, key: str) -> tuple[Hold, ...]:
    """What is listed beside a payout that is booked: rows of unknown type. Test rows are no money (section 7)."""
    types = sorted({row.type for row in posted_rows(payout) if not is_known(row.type)})
    return tuple(_unknown(payout, key, row_type) for row_type in types)


def row_ignored(payout: Payout) -> tuple[str, ...]:
    """Rows made in test mode beside real ones: listed, never posted."""
    if not posted_rows(payout):
        return ()
    where = f"payout {payout.id}"
    return tuple(
        f"{where}: a row of {row.net}, {row.type}, was made in test mode; that is not money."
        for row in payout.rows
        if row.test
    )


def _unknown(payout: Payout, key: str, row_type: str) -> Hold:
    rows = [row.amount for row in posted_rows(payout) if row.type == row_type]
    return Hold(
        reason=Reason.UNKNOWN_BALANCE_ROW,
        where=f"payout {payout.id}",
        sentence=f"{total(rows, rows[0].currency)} of it is of a type this program does not know, {row_type}; "
        "it is posted to payout_adjustments.",
        next_step="Look the type up in Shopify, move the amount where it belongs, and update qbconsole.",
        subject=key,
        cause=f"{Reason.UNKNOWN_BALANCE_ROW}:{row_type}",
    )


def _sums(
    payout: Payout, rows: Sequence[BalanceEntry], key: str, where: str, currency: str
) -> Iterator[Hold]:
    for row in rows:
        if row.net != row.amount - row.fee:
            gap = row.net - (row.amount - row.fee)
            told = f"Its row {row.id} says {row.amount} less a fee of {row.fee} is {row.net}: {gap} apart."
            yield held(key, Reason.DOES_NOT_ADD_UP, where, told, _NEXT)
    paid = total([row.net for row in rows], currency)
    if payout.net is not None and abs(payout.net) != abs(paid):
        told = f"Its rows come to {paid}, Shopify says {payout.net}: {abs(payout.net) - abs(paid)} apart."
        yield held(key, Reason.DOES_NOT_ADD_UP, where, told, _NEXT)
    if not _summary_gives(payout.summary, paid):
        gap = abs(_plain(payout.summary, currency)) - abs(paid)
        told = f"Its rows come to {paid}, its summary to {_plain(payout.summary, currency)}: {gap} apart."
        yield held(key, Reason.DOES_NOT_ADD_UP, where, told, _NEXT)


def _plain(summary: Sequence[Figure], currency: str) -> Money:
    """The summary as its own words read: what came in less what went out, less the fees."""
    own = [figure for figure in summary if figure.gross.currency == figure.fee.currency == currency]
    gross = total([-abs(f.gross) if f.kind == "refunds" else f.gross for f in own], currency)
    return gross - total([figure.fee for figure in own], currency)


def _summary_gives(summary: Sequence[Figure], paid: Money) -> bool:
    """True when some reading of the summary's signs gives the payout's amount, or it says nothing.

    Sources sign refunds, reserves and fees in both ways. Charges are what all agree on: they come in and their
    fees cost. Amounts in another currency (a rebate in USDC) are none of the payout's.
    """
    reached: set[Decimal] = {Decimal(0)}
    said = False
    for figure in summary:
        if figure.gross.currency != paid.currency or figure.fee.currency != paid.currency:
            continue
        said = said or bool(figure.gross or figure.fee)
        gross, fee = figure.gross.amount, abs(figure.fee.amount)
        if figure.kind == "charges":
            reached = {sum_ + gross - fee for sum_ in reached}
        else:
            signed = {at * gross + side * fee for at in _ways(figure) for side in (1, -1)}
            reached = {sum_ + value for sum_ in reached for value in signed}
    return not said or bool(reached & {paid.amount, -paid.amount})


def _ways(figure: Figure) -> tuple[int, ...]:
    """A rebate may be paid apart from the payout, so it may count for nothing."""
    return (1, -1, 0) if figure.kind == "rebate" else (1, -1)
