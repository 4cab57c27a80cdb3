"""A merchant with a plugin, booked in summary: the day's journal is decided in the supervised child too."""

from __future__ import annotations

import json
from pathlib import Path

from trip import COMPANY, Trip

from qbconsole.store import requests
from qbconsole.views.postings import postings

GOLDEN = Path(__file__).parents[1] / "golden"
PLUGIN = '''"""Every sale of this shop is written to one customer."""

from qbconsole.plugin import hookimpl


@hookimpl
def choose_customer(order, channel):
    return f"Walk-in {channel}"
'''


def test_a_plugin_chooses_the_customer_of_a_day(tmp_path):
    facts = json.loads((GOLDEN / "unpaid" / "input.json").read_text(encoding="utf-8"))
    (tmp_path / "plugins").mkdir(mode=0o755)
    (tmp_path / "plugins" / "walk_in.py").write_text(PLUGIN, encoding="utf-8")
    trip = Trip(
        tmp_path,
        settings={"modes": {"sales": "summary"}},
        edit=lambda text: text.replace("plugins = []", 'plugins = ["walk_in"]'),
    )
    try:
        trip.pull(facts)
        assert trip.book().stopped == {}
        first = postings(trip.workspace.store)
        trip.deliver()
        told = postings(trip.workspace.store)
        assert told["postings"] == first["postings"]
        assert told["holds"] == []
        assert [document["kind"] for document in told["documents"]] == ["JournalEntry"]
        with trip.workspace.store.reading() as tx:
            (sent,) = [
                row.body for row in requests.requests_in(tx, company=COMPANY) if row.name == "JournalEntryAdd"
            ]
        assert "Walk-in Online Store" in sent
        balance = trip.company_file.trial_balance()
        assert balance["Accounts Receivable"] > 0
    finally:
        trip.close()
