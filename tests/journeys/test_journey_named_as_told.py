"""The command a hold tells is typed as it stands, names put in: whatever the tax is called, its order goes on."""

import shlex

import pytest
from builders import Line, Pay, an_order

from qbconsole.__main__ import main
from qbconsole.store import holds

ANY_TAX = '"*" = { item = "Shopify Sales Tax", agency = "Sales Tax Agency" }'


@pytest.mark.parametrize("title", ["CA-ORANGE", 'St. John\'s "A" Tax $HOME'])
def test_the_command_a_hold_tells_cures_it(make_trip, tmp_path, capsys, title):
    order = an_order([Line(price="20.00", taxes={title: "1.55"})], pays=[Pay(amount="21.55")])
    trip = make_trip(edit=lambda text: text.replace(ANY_TAX, '"CA State Tax" = "CA State Tax"'))
    trip.pull({"orders": [order]})
    trip.book()
    with trip.workspace.store.reading() as tx:
        (held,) = holds.open_holds(tx, limit=9)
    trip.close()
    told = held.hold.next_step
    assert "agency" in told
    command = told.partition("qbconsole ")[2].replace("NAME", "County Tax").replace("AGENCY", "The County")
    assert main(["--workspace", str(tmp_path), *shlex.split(command)]) == 0
    assert main(["--workspace", str(tmp_path), "book"]) == 0
    assert "0 held" in capsys.readouterr().out
