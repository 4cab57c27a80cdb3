"""A shop split over two merchants since, or one again: a day that an older database of ours lost is not posted once more.

Facts: reference/reliability.md F34. What is looked for under a key of today is there under the key it had then, so its
number and day have to tell.
"""

from __future__ import annotations

import shutil
from collections import Counter
from datetime import timedelta

import pytest
from test_journey_entries_again import database_as_it_was
from test_journey_third_look import _ByHand
from trip import with_settings

from qbconsole.books.identity import key_in
from qbconsole.books.lifecycle import DocumentState
from qbconsole.store import holds

pytestmark = pytest.mark.slow
_SECOND = """
[merchants.wholesale]
company = "oak"
shop = "oak-ember.myshopify.com"

[merchants.wholesale.filters]
tag = { only = ["B2B"] }

[merchants.wholesale.modes]
sales = "summary"
inventory = "summary"
"""
_MODES = {"modes": {"sales": "summary", "inventory": "summary"}, "filters": {"tag": {"except": ["B2B"]}}}


@pytest.fixture
def drill(tmp_path):
    made = _ByHand(tmp_path)
    path = tmp_path / "mappings.toml"
    path.write_text(with_settings(path.read_text("utf-8"), _MODES), encoding="utf-8")
    yield made
    made.close()


def split(drill, *, is_split):
    path = drill.workspace.root / "mappings.toml"
    text = path.read_text("utf-8").partition("\n[merchants.wholesale]")[0]
    path.write_text(text + (_SECOND if is_split else ""), encoding="utf-8")


def numbers_there(drill):
    """Summaries of sales in QuickBooks, by number and day."""
    there = drill.company_file.documents()
    return Counter((one.kind, one.ref_number, one.txn_date) for one in there if key_in(one.memo))


def other_key(hold):
    return hold.next_step.partition("in place of [")[2].partition("]")[0]


@pytest.mark.parametrize("since", ["split", "one again"])
def test_a_day_that_our_database_lost_is_not_posted_again_under_another_key(drill, tmp_path, since):
    split(drill, is_split=since == "one again")
    drill.orders(2)
    drill.settle()
    drill.workspace.close()
    kept = shutil.copy(drill.workspace.own / "state.db", tmp_path / "kept.db")
    drill.now += timedelta(days=3)
    drill.orders(12)
    drill.settle()
    before = numbers_there(drill)
    database_as_it_was(drill, kept)
    split(drill, is_split=since == "split")
    drill.orders(12)
    assert drill.update() not in ("none", "100")
    drill.say("restored")
    drill.settle()
    assert numbers_there(drill) == before
    with drill.workspace.store.reading() as tx:
        told = [row.hold for row in holds.open_holds(tx, reason="refused")]
    assert told
    for hold in told:
        assert "when other merchants shared the shop" in hold.sentence
        assert f"put [{hold.subject}] into its memo" in hold.next_step
    # Asked for again as it stands, it is looked for again.
    drill.operator().retry([hold.subject for hold in told])
    drill.settle()
    assert numbers_there(drill) == before
    # A person finds that it is the same.
    first = told[0].subject
    (there,) = [one for one in drill.company_file.documents() if f"[{other_key(told[0])}]" in one.memo]
    for line in drill.company_file.filed[there.txn_id].lines:
        line.fields["Memo"] = f"the same [{first}]"
    drill.operator().retry([first])
    drill.settle()
    assert {row.key: row.state for row in drill.rows()}[first] is DocumentState.VERIFIED
    assert numbers_there(drill) == before
