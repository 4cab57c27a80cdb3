"""What-if: stored orders decided under a candidate; what differs, what stays, what becomes held; nothing is written."""

from __future__ import annotations

import dataclasses
import hashlib
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from builders import Back, Line, Pay, an_order
from shopday import counted
from trip import Trip

from qbconsole.care.candidate import Asked, candidate, compared
from qbconsole.decide.replay import names
from qbconsole.errors import MappingInvalid, PluginBroken, TemplateBroken, UsageError
from qbconsole.money import Money
from qbconsole.qbxml import schema
from qbconsole.qbxml.schema import Fault
from qbconsole.rules.mapping.faults import MappingFaults
from qbconsole.sync.preview import Past, preview, reading

ME = "merchants.oak-ember"
FACTS = {
    "orders": [
        counted(Line(price="20.00", sku="MUG"), number=1, pays=[Pay(amount="20.00")], tags=["gift"]),
        counted(
            Line(price="25.00", sku="CUP"),
            number=2,
            at="03-03 15:00",
            pays=[Pay(amount="25.00", at="03-03 15:01")],
        ),
        counted(
            Line(price="30.00", sku="CUP"),
            number=3,
            pays=[Pay(amount="30.00"), Pay(amount="30.00", kind="REFUND", at="03-05 10:00")],
            refunds=[Back(lines=[(1, 1, "30.00", "0.00")], pays=[2])],
        ),
        an_order([Line(price="12.00")], number=4, pays=[Pay(amount="12.00", kind="AUTHORIZATION")]),
    ]
}


def usd(text: str) -> Money:
    return Money.of(text, "USD")


def booked(root: Path, *, deliver: bool = False, settings: dict | None = None) -> Trip:
    trip = Trip(root, settings=settings)
    trip.pull(FACTS)
    trip.book()
    if deliver:
        trip.deliver()
    return trip


@pytest.fixture(scope="module")
def planned(tmp_path_factory):
    trip = booked(tmp_path_factory.mktemp("planned"))
    yield trip
    trip.close()


@pytest.fixture(scope="module")
def delivered(tmp_path_factory):
    trip = booked(tmp_path_factory.mktemp("delivered"), deliver=True)
    yield trip
    trip.close()


@pytest.fixture(scope="module")
def summed(tmp_path_factory):
    trip = booked(
        tmp_path_factory.mktemp("summed"),
        settings={"modes": {"sales": "summary", "inventory": "summary"}, "policy": {"cogs": "off"}},
    )
    yield trip
    trip.close()


def effect_of(trip: Trip, *pairs: tuple[str, str], since: date | None = None, **more):
    """The effect of these values; `more` goes to the candidate or to the preview."""
    means = trip.workspace.means()
    asked = {name: more.pop(name) for name in ("file", "plugins", "templates", "merchants") if name in more}
    with candidate(means, Asked(pairs=pairs, **asked)) as other:
        return preview(means, other, since=since, **more)


def told(effect):
    """Everything an effect says that is no measurement."""
    return dataclasses.replace(effect, seconds=Decimal(0))


RULE = (
    (f"{ME}.rules[0].when.sku", "CUP-1"),
    (f"{ME}.rules[0].account", "Other Income:Cups"),
)


# -- what changes ---------------------------------------------------------------------------------


def test_another_account_moves_what_was_posted_and_says_on_which_documents(planned):
    effect = effect_of(planned, (f"{ME}.accounts.sales_income", "Sales:Other"))
    assert {one.what for one in effect.changed} == {"changed"}
    assert {one.label for one in effect.changed} == {"order #1001", "order #1002", "order #1003"}
    moved = {one.account: one.amount for one in effect.deltas}
    assert moved == {"Sales:Shopify": usd("75.00"), "Sales:Other": usd("-75.00")}
    assert [one.unsent for one in effect.deltas] == [one.amount for one in effect.deltas]
    (difference,) = {
        (part.before, part.after)
        for one in effect.changed
        for part in one.differences
        if part.field == "account of sales_income"
    }
    assert difference == ("Sales:Shopify", "Sales:Other")
    assert effect.added_names == (("account", "Sales:Other"),)
    assert effect.already_sent == ()
    assert effect.is_whole
    assert effect.seconds > 0


def test_a_rule_changes_only_what_it_speaks_of_and_names_its_line(planned):
    effect = effect_of(planned, *RULE)
    assert {one.label for one in effect.changed} == {"order #1002", "order #1003"}
    places = {
        part.place for one in effect.changed for part in one.differences if part.after == "Other Income:Cups"
    }
    (place,) = places - {""}
    with candidate(planned.workspace.means(), Asked(pairs=RULE)) as other:
        line = other.mapping_text.splitlines()[int(place.removeprefix("mappings.toml:")) - 1]
    assert line == "[[merchants.oak-ember.rules]]"
    assert effect.unchanged >= 1


def test_the_same_decisions_change_nothing(planned):
    effect = effect_of(planned)
    assert (effect.changed, effect.deltas, effect.newly_held, effect.newly_ready) == ((), (), (), ())
    assert effect.unchanged > 3
    assert effect.replayed == 4


def test_lines_that_only_move_in_the_file_change_nothing(planned, tmp_path):
    file = tmp_path / "mappings.toml"
    file.write_text("\n\n# a remark\n" + planned.workspace.means().mapping_text, encoding="utf-8")
    assert effect_of(planned, file=file).changed == ()


def test_what_is_in_quickbooks_stays_and_is_said_so(delivered):
    effect = effect_of(delivered, (f"{ME}.accounts.sales_income", "Sales:Other"))
    assert effect.already_sent == effect.changed != ()
    assert {one.state for one in effect.changed} == {"verified"}
    assert {one.unsent for one in effect.deltas} == {usd("0")}


def test_days_before_since_are_left_out(planned):
    pair = (f"{ME}.accounts.sales_income", "Sales:Other")
    effect = effect_of(planned, pair, since=date(2026, 3, 3))
    assert {(one.label, one.date) for one in effect.changed} == {
        ("order #1002", date(2026, 3, 3)),
        ("order #1003", date(2026, 3, 5)),
    }


# -- what waits -----------------------------------------------------------------------------------


def test_a_rule_that_holds_takes_its_documents_out_of_the_books(planned):
    effect = effect_of(
        planned, (f"{ME}.rules[0].when.tag", "gift"), (f"{ME}.rules[0].hold", "Gifts are looked at.")
    )
    (wait,) = {(one.label, one.reason, one.sentence) for one in effect.newly_held}
    assert wait == ("order #1001", "plugin_hold", "Gifts are looked at.")
    assert {(one.label, one.what) for one in effect.changed} == {("order #1001", "gone")}
    assert usd("20.00") in {one.amount for one in effect.deltas if one.account == "Sales:Shopify"}


def test_another_policy_books_what_waits_now(planned):
    effect = effect_of(planned, (f"{ME}.policy.authorized", "post"))
    assert {one.label for one in effect.newly_ready} == {"order #1004"}
    assert {(one.label, one.what) for one in effect.changed} == {("order #1004", "new")}


def test_a_later_start_holds_what_is_older(planned):
    effect = effect_of(planned, (f"{ME}.start", "2026-03-03"))
    assert {one.label for one in effect.newly_held} >= {"order #1001", "order #1003"}
    assert ("order #1001", "gone") in {(one.label, one.what) for one in effect.changed}


def test_an_invoice_instead_of_a_receipt_is_another_document(planned):
    effect = effect_of(planned, (f"{ME}.rules[0].when.tag", "gift"), (f"{ME}.rules[0].document", "Invoice"))
    kinds = {part.after for one in effect.changed for part in one.differences if part.field == "document"}
    assert "Invoice" in kinds
    assert {one.label for one in effect.changed} == {"order #1001"}
    assert not any(one.amount for one in effect.deltas if one.account == "Sales:Shopify")


# -- days in summary ------------------------------------------------------------------------------


def test_a_shop_day_in_summary_is_named_again(summed):
    effect = effect_of(summed, (f"{ME}.accounts.sales_income", "Sales:Other"))
    assert {one.kind for one in effect.changed} == {"JournalEntry"}
    assert {one.account for one in effect.deltas} == {"Sales:Shopify", "Sales:Other"}


def test_a_rule_that_holds_lowers_its_days_entry(summed):
    effect = effect_of(
        summed, (f"{ME}.rules[0].when.tag", "gift"), (f"{ME}.rules[0].hold", "Gifts are looked at.")
    )
    assert {(one.what, one.kind) for one in effect.changed} == {("changed", "JournalEntry")}
    assert {one.account: one.amount for one in effect.deltas}["Sales:Shopify"] == usd("20.00")
    assert {one.label for one in effect.newly_held} == {"order #1001"}


def test_summary_instead_of_orders_draws_up_days_and_posts_the_same(planned):
    effect = effect_of(
        planned,
        (f"{ME}.modes.sales", "summary"),
        (f"{ME}.modes.inventory", "summary"),
        (f"{ME}.policy.cogs", "off"),
    )
    whats = {(one.what, one.kind) for one in effect.changed}
    assert ("new", "JournalEntry") in whats
    assert ("gone", "SalesReceipt") in whats
    assert not any(one.account == "Sales:Shopify" for one in effect.deltas)


# -- the same by every road -----------------------------------------------------------------------

CHANGES = {
    "account": ((f"{ME}.accounts.sales_income", "Sales:Other"),),
    "rule": RULE,
    "customer": ((f"{ME}.customers.house", "Web {channel}"),),
    "clearing": ((f"{ME}.clearing.shopify_payments", "Bank:Shopify"),),
    "hold": ((f"{ME}.rules[0].when.tag", "gift"), (f"{ME}.rules[0].hold", "Look.")),
    "policy": ((f"{ME}.policy.authorized", "post"),),
}


@pytest.mark.parametrize("trip", ["planned", "delivered", "summed"])
@pytest.mark.parametrize("change", CHANGES)
def test_asking_only_for_names_gives_what_deciding_everything_gives(trip, change, request, monkeypatch):
    trip = request.getfixturevalue(trip)
    quick = told(effect_of(trip, *CHANGES[change]))
    monkeypatch.setattr(reading, "_how", lambda *_: "kept")
    assert told(effect_of(trip, *CHANGES[change])) == quick


@pytest.mark.parametrize("change", CHANGES)
def test_what_is_remembered_gives_the_same_effect(planned, change):
    past = Past()
    effect_of(planned, (f"{ME}.accounts.cogs", "Costs"), past=past)
    assert told(effect_of(planned, *CHANGES[change], past=past)) == told(effect_of(planned, *CHANGES[change]))


def test_what_is_remembered_is_forgotten_with_the_decisions_in_force(planned):
    past, means = Past(), planned.workspace.means()
    pair = (f"{ME}.accounts.sales_income", "Sales:Other")
    effect_of(planned, pair, past=past)
    with candidate(means, Asked(pairs=[pair])) as other:
        assert preview(other, other, since=None, past=past).changed == ()
        assert preview(other, means, since=None, past=past).changed != ()


# -- nothing is written, all of it or told --------------------------------------------------------


def test_nothing_is_written(tmp_path):
    trip = booked(tmp_path)
    try:
        means = trip.workspace.means()
        trip.workspace.close()
        path = tmp_path / ".qbconsole" / "state.db"
        before = hashlib.sha256(path.read_bytes()).hexdigest()
        effect_of(trip, (f"{ME}.accounts.sales_income", "Sales:Other"), (f"{ME}.policy.authorized", "post"))
        trip.workspace.close()
        assert hashlib.sha256(path.read_bytes()).hexdigest() == before
        assert trip.workspace.means().mapping_text == means.mapping_text
    finally:
        trip.close()


def test_progress_counts_everything_and_a_cancelled_one_says_so(planned):
    seen = []
    effect = effect_of(
        planned, progress=lambda done, total: seen.append((done, total)), cancelled=lambda: True
    )
    assert not effect.is_whole
    effect_of(planned, progress=lambda done, total: seen.append((done, total)))
    assert seen[-1] == (4, 4)


@pytest.mark.parametrize("trip", ["planned", "summed"])
def test_progress_only_rises_and_is_whole_at_the_end_alone(trip, request):
    trip, seen = request.getfixturevalue(trip), []
    effect_of(trip, *CHANGES["hold"], progress=lambda done, total: seen.append((done, total)))
    done = [one for one, _ in seen]
    assert done == sorted(done)
    assert {total for _, total in seen} == {done[-1]}
    assert all(one < done[-1] for one in done[:-1])


@pytest.mark.parametrize("trip", ["planned", "delivered"])
@pytest.mark.parametrize("change", CHANGES)
def test_leaving_requests_unwritten_gives_what_writing_them_gives(trip, change, request, monkeypatch):
    trip = request.getfixturevalue(trip)
    quick = told(effect_of(trip, *CHANGES[change]))
    monkeypatch.setattr(names, "_may_stay_unwritten", lambda *_: False)
    assert told(effect_of(trip, *CHANGES[change])) == quick


def test_a_name_that_quickbooks_would_refuse_is_found_by_the_first_request_made_with_it(planned, monkeypatch):
    """A request that is never made would never tell."""
    refused = []
    real = schema.Schema.check

    def check(self, text):
        if "Sales:Never" in text:
            refused.append(text)
            return [Fault("AccountRef", 1, "is no name")], None
        return real(self, text)

    monkeypatch.setattr(schema.Schema, "check", check)
    effect = effect_of(planned, (f"{ME}.customers.house", "Sales:Never"))
    assert {one.reason for one in effect.newly_held} == {"template"}
    assert len(effect.newly_held) == len(effect.changed) == len(refused)


def test_merchants_that_cannot_be_replayed_say_why(planned, tmp_path):
    means = planned.workspace.means()
    text = means.mapping_text.replace("oak-ember", "cedar")
    file = tmp_path / "mappings.toml"
    file.write_text(text, encoding="utf-8")
    effect = effect_of(planned, file=file)
    assert effect.replayed == 0
    assert "no such merchant" in effect.left_out["oak-ember"]


# -- plugins and templates not in use yet ---------------------------------------------------------

PLUGIN = """
from qbconsole.plugin import hookimpl

@hookimpl
def choose_customer(order):
    return "Gift buyers" if "gift" in order.tags else None
"""


def written(folder: Path, name: str, text: str) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / name
    path.write_text(text, encoding="utf-8")
    path.chmod(0o644)
    return path


def test_a_plugin_file_not_in_use_is_run_in_the_child_and_names_its_line(planned, tmp_path):
    file = written(tmp_path / "plugins", "gifts.py", PLUGIN)
    effect = effect_of(planned, plugins=[file])
    assert {one.label for one in effect.changed} == {"order #1001"}
    (part,) = {part for one in effect.changed for part in one.differences if part.field == "customer"}
    assert (part.after, part.place) == ("Gift buyers", "plugins/gifts.py:4")
    assert not (planned.workspace.root / "plugins").exists() or not list(
        (planned.workspace.root / "plugins").glob("gifts*")
    )


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("def broken(:\n", 1),
        (
            "from qbconsole.plugin import hookimpl\n\n@hookimpl\ndef choose_customers(order):\n    return None\n",
            3,
        ),
        (PLUGIN.replace('"gift" in order.tags', "order.nothing"), 6),
    ],
)
def test_a_plugin_that_breaks_is_named_by_file_and_line(planned, tmp_path, text, line):
    file = written(tmp_path / "plugins", "gifts.py", text)
    with pytest.raises(PluginBroken) as broken:
        effect_of(planned, plugins=[file])
    assert broken.value.where == f"plugins/gifts.py:{line}"


def test_a_plugin_that_is_switched_off_is_not_loaded_for_a_what_if_either(planned, tmp_path):
    file = written(tmp_path / "plugins", "gifts.py", "raise SystemExit('it was run')\n")
    means = dataclasses.replace(planned.workspace.means(), plugins_allowed=frozenset())
    with candidate(means, Asked(plugins=[file])) as other:
        effect = preview(means, other, since=None)
    assert "switched off" in effect.left_out["oak-ember"]
    assert effect.replayed == 0


def test_a_template_not_in_use_changes_words_and_nothing_else(planned, tmp_path):
    shipped = planned.workspace.means().shipped_templates["sales_receipt_add.xml.j2"]
    text = shipped.replace("{{ d.memo }}", "Sold: {{ d.memo }}")
    assert text != shipped
    file = written(tmp_path, "sales_receipt_add.xml.j2", text)
    effect = effect_of(planned, templates=[file])
    assert {one.kind for one in effect.changed} == {"SalesReceipt"}
    assert effect.deltas == ()
    parts = {part.field for one in effect.changed for part in one.differences}
    assert parts == {"SalesReceiptAdd/Memo"}
    alone = effect_of(planned, templates=[file], merchants=["oak-ember"])
    assert told(alone) == told(effect)


@pytest.mark.parametrize("name", ["host_query", "sales_receipt_query", "txn_void", "data_ext_mod"])
def test_a_template_that_writes_no_document_is_refused(planned, tmp_path, name):
    file = written(tmp_path, f"{name}.xml.j2", planned.workspace.means().shipped_templates[f"{name}.xml.j2"])
    with pytest.raises(UsageError, match="writes no document") as refused:
        effect_of(planned, templates=[file])
    assert refused.value.where == str(file)
    assert "sales_receipt_add" in refused.value.next


def test_a_template_that_would_be_refused_holds_its_documents(planned, tmp_path):
    shipped = planned.workspace.means().shipped_templates["sales_receipt_add.xml.j2"]
    file = written(tmp_path, "sales_receipt_add.xml.j2", shipped.replace("<TxnDate>", "<TxnDay>"))
    effect = effect_of(planned, templates=[file])
    assert {one.reason for one in effect.newly_held} == {"template"}


def test_a_broken_candidate_says_all_its_errors_with_lines(planned, tmp_path):
    text = planned.workspace.means().mapping_text
    file = written(
        tmp_path, "edited.toml", f'{text}\n[merchants.oak-ember.policy]\ntax = "no"\ncogs = "no"\n'
    )
    with pytest.raises(MappingFaults) as faults:
        effect_of(planned, file=file)
    assert len(faults.value.faults) == 2
    assert str(faults.value).count("edited.toml:") >= 2
    for asked in (
        {"file": tmp_path / "none.toml"},
        {"plugins": [tmp_path / "none.py"]},
        {"templates": [tmp_path / "none.j2"]},
        {"merchants": ["oak-embers"]},
    ):
        with pytest.raises((MappingInvalid, UsageError)):
            effect_of(planned, **asked)
    bad = written(tmp_path, "sales_receipt_add.xml.j2", "{% if %}")
    with pytest.raises(TemplateBroken) as broken:
        effect_of(planned, templates=[bad])
    assert broken.value.where == "templates/sales_receipt_add.xml.j2:1"


def test_without_a_change_the_file_stands_against_the_revision_last_booked(tmp_path):
    trip = booked(tmp_path)
    try:
        path = tmp_path / "mappings.toml"
        text = path.read_text(encoding="utf-8")
        path.write_text(text.replace('"Sales:Shopify"', '"Sales:Web"'), encoding="utf-8")
        before, asked = compared(trip.workspace.means(), path, Asked())
        with candidate(before, asked) as after:
            effect = preview(before, after, since=None)
        assert {one.account for one in effect.deltas} == {"Sales:Shopify", "Sales:Web"}
    finally:
        trip.close()
