"""An edit that Shopify does not date, seen anew on another day after our database lost days: it is not posted once more.

Facts: reference/reliability.md F34; accounting.md section 13, convention 5. Found by seed 896.
"""

from __future__ import annotations

import copy
import shutil
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from test_journey_entries_again import database_as_it_was
from test_journey_third_look import _ByHand
from trip import with_settings

from qbconsole.books.lifecycle import DocumentState
from qbconsole.sandbox.shopify import Shop
from qbconsole.store import holds

pytestmark = pytest.mark.slow
_MODES = {"modes": {"sales": "summary", "inventory": "summary"}}
#: The shop's last day is over.
_AFTER = datetime(2026, 1, 9, 12, tzinfo=UTC)


class _Drill(_ByHand):
    """A shop whose orders have no agreements, one of them edited and noted as the test wants."""

    def __init__(self, root):
        super().__init__(root)
        path = root / "mappings.toml"
        path.write_text(with_settings(path.read_text("utf-8"), _MODES), encoding="utf-8")
        self.now = _AFTER
        self.shop = Shop.seeded(orders=4, days=3)
        self.edited = next(
            one for one in self.shop.orders if self._line(one) is not None and not one["refunds"]
        )

    @staticmethod
    def _line(order):
        return next((line for line in order["lineItems"]["nodes"] if line["currentQuantity"] > 0), None)

    def edit(self, at):
        line = self._line(self.edited)
        self.shop.edit_quantity(self.edited["name"], line["id"], line["currentQuantity"] - 1, at=at)

    def told(self, *orders):
        """They are pulled as they are now, and booked."""
        rows = [copy.deepcopy(one) | {"agreements": {"nodes": []}} for one in orders or self.shop.orders]
        self.pull({"shop": self.shop.about(), "orders": rows})
        self.book()

    def loses_what_follows(self, tmp_path):
        self.workspace.close()
        return shutil.copy(self.workspace.own / "state.db", tmp_path / "kept.db")

    def held(self):
        with self.workspace.store.reading() as tx:
            return [row.hold for row in holds.open_holds(tx, reason="may_be_redated")]

    def balance(self):
        return dict(self.company_file.trial_balance())


@pytest.fixture
def drill(tmp_path):
    made = _Drill(tmp_path)
    yield made
    made.close()


def edited_and_posted(drill, tmp_path):
    """A backup of our database, and the balance once an edit of after it is in QuickBooks."""
    drill.told()
    drill.settle()
    kept = drill.loses_what_follows(tmp_path)
    drill.edit(drill.now)
    drill.now += timedelta(days=2)
    drill.told()
    drill.settle()
    return kept, drill.balance()


def seen_anew(drill, kept):
    """Our database goes back; the edited order was noted since, so that it looks edited later."""
    database_as_it_was(drill, kept)
    drill.now += timedelta(days=2)
    drill.shop.annotate(drill.edited["name"], "a note", at=drill.now - timedelta(hours=30))
    drill.told()
    drill.stops("own_restored")
    drill.say("restored")
    drill.settle()


def test_it_waits_for_a_person_who_finds_it_in_the_other_day(drill, tmp_path):
    kept, before = edited_and_posted(drill, tmp_path)
    seen_anew(drill, kept)
    (hold,) = drill.held()
    assert "our database lost days" in hold.sentence
    assert "2026-01-09" in hold.sentence
    assert drill.balance() == before
    # Asked for again as it stands, it is looked for again.
    drill.operator().retry([hold.subject])
    drill.settle()
    assert drill.balance() == before
    assert drill.operator().ignore([hold.subject], "it is in the other").done == (hold.subject,)
    drill.settle()
    assert drill.held() == []
    assert drill.balance() == before


def test_it_waits_where_the_other_day_was_condensed_since(drill, tmp_path):
    """No look finds that day's entry any more: it is in the summary, and the edit in it."""
    kept, before = edited_and_posted(drill, tmp_path)
    for document in drill.company_file.filed.values():
        document.open = Decimal()  # a person settled it: what is open is not condensed
    drill.company_file.condense(drill.now.date(), drill.now)
    seen_anew(drill, kept)
    (hold,) = drill.held()
    assert "in the summary of what was condensed on 2026-01-11" in hold.sentence
    assert "archive copy" in hold.next_step
    assert "from 2026-01-07 to 2026-01-10" in hold.next_step
    assert drill.balance() == before
    assert drill.operator().ignore([hold.subject], "it is in the archive copy").done == (hold.subject,)
    drill.settle()
    assert drill.held() == []
    assert drill.balance() == before


def test_two_that_are_seen_as_one_are_named_both(drill, tmp_path):
    drill.edited = max(
        drill.shop.orders, key=lambda one: sum(line["currentQuantity"] for line in one["lineItems"]["nodes"])
    )
    drill.told()
    drill.settle()
    kept = drill.loses_what_follows(tmp_path)
    for _ in range(2):
        drill.edit(drill.now)
        drill.now += timedelta(days=2)
        drill.told()
        drill.settle()
    before = drill.balance()
    seen_anew(drill, kept)
    (hold,) = drill.held()
    assert hold.sentence.count("JournalEntry") == 2
    assert drill.balance() == before


def test_so_it_does_where_that_day_has_sales_of_which_our_books_know(drill, tmp_path):
    sold = [one for one in drill.shop.orders if one is not drill.edited]
    late = sold[-1]
    drill.told(drill.edited)
    drill.settle()
    kept = drill.loses_what_follows(tmp_path)
    drill.edit(datetime.fromisoformat(late["createdAt"]))
    drill.told(drill.edited, late)
    drill.settle()
    before = drill.balance()
    database_as_it_was(drill, kept)
    drill.now += timedelta(days=2)
    drill.shop.annotate(drill.edited["name"], "a note", at=drill.now - timedelta(hours=30))
    drill.told(drill.edited, late)
    drill.stops("own_restored")
    drill.say("restored")
    drill.settle()
    assert len(drill.held()) == 1
    assert drill.balance() == before


def test_by_the_word_of_a_person_that_it_is_another_it_is_posted(drill, tmp_path):
    kept, _ = edited_and_posted(drill, tmp_path)
    drill.edit(drill.now)
    before = drill.balance()
    seen_anew(drill, kept)
    (hold,) = drill.held()
    assert drill.operator().release([hold.subject], "the second edit").done == (hold.subject,)
    drill.settle()
    assert drill.balance() != before
    assert {row.key: row.state for row in drill.rows()}[hold.subject] is DocumentState.VERIFIED


def test_an_edit_that_is_new_goes_without_a_word(drill, tmp_path):
    drill.told()
    drill.settle()
    kept = drill.loses_what_follows(tmp_path)
    other = next(one for one in drill.shop.orders if one is not drill.edited)
    drill.shop.cancel(other["name"], at=drill.now) if not other["refunds"] else None
    drill.now += timedelta(days=2)
    drill.told()
    drill.settle()
    drill.edit(drill.now)
    seen_anew(drill, kept)
    assert drill.held() == []
    drill.assert_books_are_right()
