"""A merchant that is taken out of the mapping: what is unsent of it waits, and is told so with what lets it go."""

from __future__ import annotations

import re

import pytest
from builders import Line, Pay
from shopday import counted
from trip import COMPANY, Trip

from qbconsole.store.requests import current
from qbconsole.views.status import status

_OTHER = '\n[merchants.cedar-lane]\ncompany = "oak"\nshop = "cedar-lane.myshopify.com"\n'


@pytest.fixture
def trip(tmp_path):
    trip = Trip(tmp_path)
    yield trip
    trip.close()


def test_its_unsent_documents_wait_and_the_next_step_is_one_that_cures(trip):
    path = trip.workspace.root / "mappings.toml"
    whole = path.read_text(encoding="utf-8")
    order = counted(Line(price="20.00"), number=1, tracked=False, pays=[Pay(amount="20.00")])
    trip.pull({"orders": [order | {"sourceName": "web"}]})
    trip.book()
    path.write_text(re.sub(r"\[merchants\.oak-ember\](.|\n)*", "", whole) + _OTHER, encoding="utf-8")
    trip.book()
    trip.deliver()
    assert not trip.company_file.documents()
    with trip.workspace.store.reading() as tx:
        assert current.behind(tx, COMPANY) == ("oak-ember",)
        told = current.waits_for_book(tx, ("oak-ember", "cedar-lane"))
    assert "mappings.toml does not name oak-ember any more" in told
    assert "of cedar-lane was changed" in told
    means = trip.workspace.means()
    told = status(trip.workspace.store, means.mapping, now=trip.now).attention
    assert any(one.startswith("oak: mappings.toml does not name oak-ember any more") for one in told), told
    path.write_text(whole, encoding="utf-8")
    trip.book()
    trip.deliver()
    assert len(trip.company_file.documents()) == 1
