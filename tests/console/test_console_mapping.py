"""The mapping editor by keys on a real workspace: what is edited, tried, undone, saved, reverted, and what happens on disk."""

from __future__ import annotations

import dataclasses
import shutil
import stat
import tomllib
from contextlib import closing
from pathlib import Path
from threading import Event

import pytest
from console_desk import HOSTILE
from console_mapping import ENVIRON, TITLE, editor, held_trip, press
from console_watching import painted, settle, until

from qbconsole.care.mapping_file import edit_mapping
from qbconsole.company.records import Account
from qbconsole.console.live_mapping import LiveMapping
from qbconsole.console.registry import COMMANDS
from qbconsole.console.screens.mapping import choosing
from qbconsole.console.screens.mapping.choosing import conditions_of
from qbconsole.console.screens.mapping.told import effect_lines
from qbconsole.console.widgets.virtual_table import VirtualTable
from qbconsole.rules.mapping import schema
from qbconsole.store import lists
from qbconsole.store.encoding import unpack
from qbconsole.sync.settle import remember_entries
from qbconsole.value import replace
from qbconsole.views.mapping.entries import Entry
from qbconsole.views.mapping.uses import Uses
from qbconsole.workspace import Workspace

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def delivered(tmp_path_factory):
    """Forty held orders; each test works on a copy."""
    root = tmp_path_factory.mktemp("held")
    trip = held_trip(root)
    trip.close()
    return root


@pytest.fixture
def held(delivered, tmp_path):
    root = tmp_path / "books"
    shutil.copytree(delivered, root)
    return root


@pytest.fixture
def plain(tmp_path):
    shutil.copy(ROOT / "mappings.toml", tmp_path / "mappings.toml")
    return tmp_path


def text(root: Path) -> str:
    return (root / "mappings.toml").read_text(encoding="utf-8")


def told(pilot) -> str:
    """What the toasts say, whole: on the screen they are wrapped."""
    return " ".join(str(one.message) for one in pilot.app._notifications)


async def effect_shown(pilot) -> None:
    await until(pilot, lambda: "dry run" in painted(pilot.app))


def chosen_from(screen: str) -> str:
    """The names of the picker, without what stands around it."""
    return screen.partition("─ tax CA-ORANGE ─")[2].partition("└")[0]


# ---- what one sees


async def test_the_editor_on_80x24(held, check_painted):
    async with editor(held, "4") as pilot:
        await until(pilot, lambda: "40" in painted(pilot.app))
        check_painted("mapping", pilot.app)


async def test_the_picker_tells_what_does_not_fit_and_what_would_change(held, check_painted):
    async with editor(held, "2", "e") as pilot:
        await effect_shown(pilot)
        await until(pilot, lambda: "used 40x" in painted(pilot.app))
        pilot.app.screen.query_one("#map_effect").border_title = "Effect since 10-22 (dry run, 0.1 s)"
        await pilot.pause()
        check_painted("mapping_picking", pilot.app)


async def test_names_that_are_chosen_from_tell_their_uses_however_late_these_are_counted(held, monkeypatch):
    counted, count = Event(), LiveMapping.uses

    def late(source: LiveMapping, merchant: str | None) -> Uses:
        assert counted.wait(60)
        return count(source, merchant)

    monkeypatch.setattr(LiveMapping, "uses", late)
    async with editor(held, "2") as pilot:
        await pilot.press("e")
        await until(pilot, lambda: "Shopify Zero Tax" in painted(pilot.app))
        await pilot.press("down")
        table = pilot.app.screen.query_one("#candidates", VirtualTable)
        row, before = table.cursor_id, painted(pilot.app)
        assert (row, "used 40x" in before) == (1, False)
        counted.set()
        await until(pilot, lambda: "used 40x" in painted(pilot.app))
        assert table.cursor_id == row
        assert chosen_from(painted(pilot.app)).replace("used 40x", " " * 8) == chosen_from(before)


async def test_hits_are_counted_by_documents(held):
    async with editor(held, "4") as pilot:
        uses = pilot.app.screen.uses
        assert uses.documents == 40
        assert uses.of("defaults.accounts.sales_income") == 40
        assert uses.of("defaults.items.zero_tax") == 40
        assert uses.of("defaults.accounts.bank") == 0


async def test_one_merchant_is_shown_with_the_defaults(held):
    async with editor(held, "4", merchant="oak-ember") as pilot:
        await press(pilot, "M", "enter")
        await until(pilot, lambda: "All merchants" in painted(pilot.app))
        assert "1 unmapped" in painted(pilot.app)


async def test_sections_are_gone_through_on_the_left(plain):
    async with editor(plain, "4", "left", "j", "j") as pilot:
        assert pilot.app.screen.section == "items"
        assert "Shopify misc" in painted(pilot.app)
        await press(pilot, "enter", "j")
        assert pilot.app.screen.here.when == "match"
        await press(pilot, "shift+tab", "g")
        assert pilot.app.screen.section == "accounts"
        await press(pilot, "tab", "k")
        assert pilot.app.screen.here.when == "sales_income"


# ---- editing


async def test_an_edit_is_tried_undone_redone_saved_and_reverted(held):
    before = text(held)
    async with editor(held, "2", "e") as pilot:
        app = pilot.app
        await effect_shown(pilot)
        assert text(held) == before
        assert app.screen.editing.count == 0
        await press(pilot, "enter")
        assert "*1 unsaved" in painted(app)
        assert "CA Sales Tax 7.75" in painted(app)
        await press(pilot, "u")
        assert app.screen.editing.text == before
        assert "40 documents held" in painted(app)
        await press(pilot, "ctrl+y")
        await until(pilot, lambda: "40 would go out" in painted(app))
        await press(pilot, "P")
        await until(pilot, lambda: "tax item of CA-ORANGE" in painted(app))
        await press(pilot, "escape", "ctrl+s")
        assert "Save 1 edit to mappings.toml?" in painted(app)
        assert '+CA-ORANGE = "CA Sales Tax 7.75"' in painted(app)
        await press(pilot, "n")
        assert text(held) == before
        await press(pilot, "ctrl+s", "y")
        await until(pilot, lambda: "40 released" in told(pilot))
        saved = text(held)
        assert '\n[merchants.oak-ember.taxes]\nCA-ORANGE = "CA Sales Tax 7.75"\n' in saved
        assert (held / "mappings.toml.~1~").read_text(encoding="utf-8") == before
        assert "saved  valid  disk unchanged" in painted(app)
        await press(pilot, "R")
        assert "Back to which revision?" in painted(app)
        await press(pilot, "down", "enter")
        await until(pilot, lambda: "*1 unsaved" in painted(app))
        await press(pilot, "ctrl+s", "y")
        await until(pilot, lambda: text(held) == before)
        assert (held / "mappings.toml.~2~").read_text(encoding="utf-8") == saved


async def test_a_name_picked_while_its_effect_is_worked_out_gets_it_all_the_same(held):
    async with editor(held, "2") as pilot:
        await until(pilot, lambda: "Why" in painted(pilot.app))
        await pilot.press("e")
        await until(pilot, lambda: pilot.app.current_mode == "mapping" and pilot.app.screen.tried is not None)
        await pilot.press("enter")
        await until(pilot, lambda: pilot.app.screen.editing.count == 1)
        await until(pilot, lambda: "40 would go out" in painted(pilot.app))
        assert pilot.app.screen.effect.is_whole


async def test_typing_filters_and_esc_leaves_everything(plain):
    async with editor(plain, "4", "enter", *"vault") as pilot:
        assert '"vault"' in painted(pilot.app)
        assert "list not read yet" in painted(pilot.app)
        assert '+sales_income = "vault"' in painted(pilot.app)
        await press(pilot, "escape")
        assert "The text is as it was." in painted(pilot.app)
        assert pilot.app.screen.editing.count == 0
        await press(pilot, "enter", *"vault", "enter")
        assert 'sales_income = "vault"' in pilot.app.screen.editing.text


async def test_a_name_typed_whole_is_picked_and_not_what_is_only_alike(held):
    async with editor(held, "2", "e", *"LA County Tax") as pilot:
        await until(pilot, lambda: '"LA County Tax"' in painted(pilot.app))
        await press(pilot, "enter")
        assert '= "LA County Tax"' in pilot.app.screen.editing.text
        assert pilot.app.screen.editing.count == 1


async def test_a_name_that_quickbooks_calls_otherwise_now_is_marked_and_the_new_one_stands_first(held):
    with closing(Workspace.open(held, environ=ENVIRON)) as workspace, workspace.store.atomic() as tx:
        (kept,) = [
            row for row in lists.list_rows(tx, "oak", "account") if row.full_name == "Undeposited Funds"
        ]
        now = dataclasses.replace(unpack(kept.data, Account), full_name="Till and letters")
        remember_entries(tx, "oak", "account", [now], workspace.clock())
    async with editor(held, "4") as pilot:
        await until(pilot, lambda: "accounts !" in painted(pilot.app))
        pilot.app.screen.go_to(("defaults", "accounts", "undeposited_funds"))
        await settle(pilot)
        assert "! undeposited_funds" in painted(pilot.app)
        await press(pilot, "enter", "enter")
        assert '\nundeposited_funds = "Till and letters"' in pilot.app.screen.editing.text
        await until(pilot, lambda: "accounts !" not in painted(pilot.app))


async def test_a_name_that_does_not_fit_is_refused_with_the_reason(held):
    async with editor(held, "4", "enter", *"shopify payments", "enter") as pilot:
        assert "Shopify Payments Clearing: wrong type for this." in told(pilot)
        assert pilot.app.screen.editing.count == 0


async def test_inactive_names_are_offered_when_asked_for(held):
    async with editor(held, "4", "I", "enter") as pilot:
        assert "Inactive names are shown" in told(pilot)
        await press(pilot, "escape", "I")
        assert "Inactive names are hidden" in told(pilot)


async def test_only_the_words_of_a_policy_are_offered(plain):
    async with editor(plain, "4") as pilot:
        pilot.app.screen.go_to(("defaults", "policy", "cogs"))
        await press(pilot, "enter")
        assert "unit_cost" in painted(pilot.app)
        await press(pilot, *"off", "enter")
        assert 'cogs = "off"' in pilot.app.screen.editing.text
        await press(pilot, "enter", *"nonsense")
        assert "Nothing is called so." in painted(pilot.app)
        await press(pilot, "enter")
        assert pilot.app.screen.editing.count == 1


async def test_a_province_is_registered_by_a_word_that_is_no_text(plain):
    async with editor(plain, "4") as pilot:
        screen = pilot.app.screen
        screen.section = "registered"
        await press(pilot, "A", *"CA", "enter", *"true")
        assert "+CA = true" in painted(pilot.app)
        await press(pilot, "enter")
        assert "\n[defaults.registered]\nCA = true\n" in screen.editing.text
        assert screen.editing.faults() == ()


async def test_a_new_entry_is_named_then_chosen_and_taken_out_again(plain):
    async with editor(plain, "4") as pilot:
        screen = pilot.app.screen
        screen.go_to(("defaults", "items", "misc"))
        await press(pilot, "A")
        await press(pilot, *"sku MUG 1", "enter")
        await press(pilot, *"Mugs", "enter")
        assert '[defaults.items.sku]\n"MUG 1" = "Mugs"' in screen.editing.text
        assert screen.here.when == "sku MUG 1"
        await press(pilot, "D")
        assert "MUG 1" not in screen.editing.text
        await press(pilot, "u", "u")
        assert screen.editing.text == text(plain)
        await press(pilot, "u")
        assert "There is nothing to undo." in told(pilot)


async def test_rules_are_added_moved_changed_and_taken_out(plain):
    async with editor(plain, "4", merchant="oak-ember") as pilot:
        screen = pilot.app.screen
        screen.section = "rules"
        screen.show_rows()
        await press(pilot, "A", *"tag=wholesale amount>=5", "enter", *["down"] * 7, "enter")
        await press(pilot, *"look", "enter")
        assert 'hold = "look"' in screen.editing.text
        await press(pilot, "A", *"sku=MUG", "enter", "enter", *"Mugs", "enter")
        assert [entry.use for entry in screen.page.rows["rules"]] == ["hold look", "item Mugs"]
        assert screen.here.use == "item Mugs"
        await press(pilot, "K")
        assert [entry.use for entry in screen.page.rows["rules"]] == ["item Mugs", "hold look"]
        assert screen.here.use == "item Mugs"
        await press(pilot, "K", "J")
        assert [entry.use for entry in screen.page.rows["rules"]] == ["hold look", "item Mugs"]
        await press(pilot, "enter", "down", "enter", *"Cups", "enter")
        assert screen.page.rows["rules"][1].use == "item Cups"
        await press(pilot, "D")
        assert len(screen.page.rows["rules"]) == 1
        assert screen.editing.faults() == ()


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("tag=wholesale", {"tag": "wholesale"}),
        ('sku="A 1|B 2" location=Leeds', {"sku": ["A 1", "B 2"], "location": "Leeds"}),
        ("amount>=5 amount<10", {"amount": {"at_least": "5", "below": "10"}}),
    ],
)
def test_conditions_are_typed_as_they_are_told(typed, meant):
    assert conditions_of(typed) == meant


@pytest.mark.parametrize(
    "typed",
    ["wholesale", "tag=", "=x", 'tag="x', "tag=x tag>=5", "tag>=5 tag=x", "tag=x tag=y", "amount<5 amount<6"],
)
def test_what_is_no_condition_is_said(typed):
    with pytest.raises(ValueError, match=r"condition|quotation"):
        conditions_of(typed)


async def test_a_bad_condition_and_things_without_order_are_told(plain):
    async with editor(plain, "4") as pilot:
        await press(pilot, "K")
        assert "Only rules have an order." in told(pilot)
        pilot.app.screen.section = "rules"
        pilot.app.screen.show_rows()
        await press(pilot, "A", *"wholesale", "enter")
        await until(pilot, lambda: "is no condition" in told(pilot))
        await press(pilot, "D")
        await until(pilot, lambda: "nothing written here" in told(pilot))


# ---- faults


async def test_saving_shows_all_faults_at_their_lines(plain):
    before = text(plain)
    async with editor(plain, "4") as pilot:
        screen = pilot.app.screen
        broken = before.replace('cogs = "quickbooks"', 'cogs = "qb"').replace(
            'tax_by = "title"', "tax_by = 3"
        )
        assert screen.edit(lambda editing: editing.replace_all(broken))
        await press(pilot, "ctrl+s")
        shown = painted(pilot.app)
        assert "Not saved: 2 faults" in shown
        for wrong in ('cogs = "qb"', "tax_by = 3"):
            line = 1 + next(n for n, one in enumerate(broken.splitlines()) if one.startswith(wrong))
            assert f"mappings.toml:{line}: defaults.policy." in shown
        assert text(plain) == before
        await press(pilot, "escape", "c")
        assert "2 faults" in painted(pilot.app)


async def test_check_tells_what_lint_finds(plain):
    async with editor(plain, "4", "c") as pilot:
        await until(pilot, lambda: "Checked against" in painted(pilot.app))
        assert "No errors and no warnings." in painted(pilot.app)


async def test_a_file_broken_on_disk_is_told_with_its_line_and_the_last_good_one_stays_in_force(held):
    good = text(held)
    (held / "mappings.toml").write_text(good + "\n[defaults\n", encoding="utf-8")
    line = len(good.splitlines()) + 2
    async with editor(held, "4") as pilot:
        shown = painted(pilot.app)
        assert f"mappings.toml:{line}:" in shown
        assert "revision 1 stays in force: mappings.toml" in shown
        assert "Sales:Shopify" in shown
        assert "1 fault" in shown
        source = pilot.app.desk.mapping
        assert source.page(pilot.app.screen.editing, None).from_last_good
        await press(pilot, "enter", *"vault", "enter")
        await until(pilot, lambda: "is not valid TOML" in told(pilot))
        await press(pilot, "escape")
        (held / "mappings.toml").write_text(good, encoding="utf-8")
        await until(pilot, lambda: pilot.app.screen.editing.text == good)
        await settle(pilot)
        assert "stays in force" not in painted(pilot.app)


async def test_rules_of_a_file_broken_on_disk_are_told_of_and_left(held):
    good = text(held)
    rule = '{ when = { tag = "wholesale" }, hold = "look" }'
    with_rules = good.replace("[merchants.oak-ember]\n", f"[merchants.oak-ember]\nrules = [{rule}, {rule}]\n")
    assert with_rules != good
    (held / "mappings.toml").write_text(with_rules, encoding="utf-8")
    with Workspace.open(held, environ=ENVIRON) as workspace:
        edit_mapping(
            workspace.means(), held / "mappings.toml", [("companies.oak.name", "Elm")], who="operator:ann"
        )
    (held / "mappings.toml").write_text(with_rules + "\n[defaults\n", encoding="utf-8")
    async with editor(held, "4") as pilot:
        screen = pilot.app.screen
        screen.go_to(("merchants", "oak-ember", "rules", 0))
        await settle(pilot)
        assert screen.here.path == ("merchants", "oak-ember", "rules", 0)
        for count, keys in enumerate((["enter"], ["J"], ["A", *"tag=x", "enter", "enter"]), 1):
            await press(pilot, *keys)
            await until(pilot, lambda count=count: told(pilot).count("is not valid TOML") == count)
            assert pilot.app.screen is screen


async def test_a_file_that_is_no_text_is_told(held):
    (held / "mappings.toml").write_bytes(b"schema = 1\n\xff\n")
    async with editor(held, "4") as pilot:
        assert "disk unreadable" in painted(pilot.app)
        assert "Sales:Shopify" in painted(pilot.app)


# ---- the file changes under the editor


async def test_without_edits_another_text_is_read_and_the_cursor_stays(plain):
    async with editor(plain, "4", "j", "j") as pilot:
        here = pilot.app.screen.here.path
        (plain / "mappings.toml").write_text("# seen\n" + text(plain), encoding="utf-8")
        await until(pilot, lambda: pilot.app.screen.editing.text.startswith("# seen\n"))
        await settle(pilot)
        assert "read again" in told(pilot)
        assert pilot.app.screen.here.path == here


async def edited_and_overtaken(pilot, root: Path) -> str:
    """One unsaved edit here, another text there; gives that text."""
    await press(pilot, "enter", *"vault", "enter")
    theirs = "# theirs\n" + text(root).replace('bank = "Checking"', 'bank = "Bank 1"')
    (root / "mappings.toml").write_text(theirs, encoding="utf-8")
    await until(pilot, lambda: "disk changed: X, then k keep mine" in painted(pilot.app))
    return theirs


async def test_unsaved_edits_are_never_read_over_and_mine_are_put_onto_theirs(plain):
    async with editor(plain, "4") as pilot:
        theirs = await edited_and_overtaken(pilot, plain)
        assert 'sales_income = "vault"' in pilot.app.screen.editing.text
        await press(pilot, "ctrl+s")
        assert "mappings.toml changed on disk" in painted(pilot.app)
        await press(pilot, "d")
        assert "-# theirs" in painted(pilot.app)
        await press(pilot, "escape", "X", "k")
        await settle(pilot)
        assert pilot.app.screen.editing.text == theirs.replace(
            'sales_income = "Sales:Shopify"', 'sales_income = "vault"'
        )
        await press(pilot, "ctrl+s", "y")
        await until(pilot, lambda: 'sales_income = "vault"' in text(plain))
        assert 'bank = "Bank 1"' in text(plain)


async def test_theirs_may_be_taken(plain):
    async with editor(plain, "4") as pilot:
        theirs = await edited_and_overtaken(pilot, plain)
        await press(pilot, "X", "escape")
        assert pilot.app.screen.editing.changed
        await press(pilot, "X", "t")
        await settle(pilot)
        assert pilot.app.screen.editing.text == theirs
        assert not pilot.app.screen.editing.changed
        await press(pilot, "X")
        assert "edits began with" in told(pilot)


async def test_what_both_changed_is_kept_as_my_whole_text_and_said(plain):
    async with editor(plain, "4") as pilot:
        screen = pilot.app.screen
        screen.edit(lambda editing: editing.replace_all(text(plain) + "\n# mine\n"))
        (plain / "mappings.toml").write_text("# theirs\n" + text(plain), encoding="utf-8")
        await until(pilot, lambda: "disk changed" in painted(pilot.app))
        await press(pilot, "X", "k")
        await until(pilot, lambda: "Your whole text stands" in told(pilot))
        assert screen.editing.text.endswith("# mine\n")
        assert screen.editing.start.startswith("# theirs\n")


async def test_a_file_that_is_gone_is_told(plain):
    async with editor(plain, "4", "enter", *"vault", "enter") as pilot:
        (plain / "mappings.toml").unlink()
        await until(pilot, lambda: "disk gone" in painted(pilot.app))
        await press(pilot, "X")
        assert pilot.app.screen.editing.changed


# ---- $EDITOR


def an_editor(folder: Path, does: str) -> str:
    path = folder / "edit.sh"
    path.write_text(f"#!/bin/sh\n{does}\n")
    path.chmod(path.stat().st_mode | stat.S_IXUSR)
    return str(path)


async def test_without_a_terminal_to_give_away_the_editor_is_not_opened(plain, monkeypatch):
    monkeypatch.setenv("VISUAL", an_editor(plain, 'echo "# by hand" >> "$1"'))
    async with editor(plain, "4", "E") as pilot:
        await until(pilot, lambda: "cannot step aside" in told(pilot))
        assert not pilot.app.screen.editing.changed


# ---- leaving, reading only, hostile names


async def test_leaving_with_unsaved_edits_asks(plain):
    async with editor(plain, "4", "enter", *"vault", "enter", "1") as pilot:
        await press(pilot, "q")
        assert "Quit and lose 1 edit?" in painted(pilot.app)
        await press(pilot, "n", "ctrl+q")
        assert "Quit and lose 1 edit?" in painted(pilot.app)
        await press(pilot, "ctrl+q", "n", "4")
        assert "*1 unsaved" in painted(pilot.app)
        await press(pilot, "ctrl+q", "y")
        assert not pilot.app.is_running


async def test_readonly_disables_everything_that_changes(held):
    before = text(held)
    async with editor(held, "4", readonly=True) as pilot:
        app = pilot.app
        offered = {entry.title for entry in app.get_system_commands(app.screen)}
        changing = [one for one in COMMANDS if one.scope == "mapping" and one.changes]
        assert len(changing) >= 7
        for command in changing:
            assert command.title not in offered
            await press(pilot, command.keys.split(",")[0])
            await app.run_action(command.action, app.screen)
        await press(pilot, "enter")
        assert "only reads" in told(pilot)
        await press(pilot, "2", "e")
        assert not app.screen.editing.changed
        assert not app.screen.picking
        assert "READ-ONLY" in painted(app)
    assert text(held) == before


async def test_hostile_names_do_no_harm(tmp_path):
    title = HOSTILE.replace("\x1b", "")  # a control character may not be written in mappings.toml
    trip = held_trip(tmp_path, 2, title=title)
    trip.close()
    async with editor(tmp_path, "2", "e") as pilot:
        app = pilot.app
        await effect_shown(pilot)
        shown = painted(app)
        assert "[/b] [VIP]" in shown
        assert "\x1b" not in shown
        assert "\u202e" not in shown
        await press(pilot, "enter")
        await until(pilot, lambda: "2 would go out" in painted(app))
        await press(pilot, "P")
        assert "\x1b" not in painted(app)
        await press(pilot, "escape", "ctrl+s")
        assert "\x1b" not in painted(app)
        await press(pilot, "y")
        await until(pilot, lambda: "2 released" in told(pilot))
    taxes = tomllib.loads(text(tmp_path))["merchants"]["oak-ember"]["taxes"]
    assert taxes == {title: "CA Sales Tax 7.75"}


async def test_the_inspector_leads_to_the_missing_name_too(held):
    async with editor(held, "2", "enter") as pilot:
        await until(pilot, lambda: "HELD unmapped" in painted(pilot.app))
        await press(pilot, "e")
        await until(pilot, lambda: pilot.app.current_mode == "mapping" and pilot.app.screen.picking)
        assert pilot.app.screen.target.path == ("merchants", "oak-ember", "taxes", TITLE)


async def test_a_row_that_nothing_holds_has_nothing_to_map(held):
    async with editor(held, "2", "right_square_bracket", "e") as pilot:
        await until(pilot, lambda: pilot.app.current_mode in ("queue", "mapping"))
        assert pilot.app.is_running


def test_an_effect_over_many_documents_is_cut_and_says_so():
    from qbconsole.sync.preview import Effect

    effect = Effect(since=None, merchants=(), left_out={"oak": "Nothing was pulled for it yet."})
    assert list(effect_lines(effect))[1] == "! oak: Nothing was pulled for it yet."


async def test_forty_orders_held_for_one_tax_are_cured_by_one_mapping_and_go_out(tmp_path):
    trip = held_trip(tmp_path)
    try:
        receipts = [one for one in trip.company_file.documents() if one.kind == "SalesReceipt"]
        assert receipts == []
        async with editor(tmp_path, "2", "e", "enter", "ctrl+s", "y") as pilot:
            await until(pilot, lambda: "40 released" in told(pilot))
            await press(pilot, "2")
            assert "Nothing here." in painted(pilot.app)
        trip.deliver()
        receipts = [one for one in trip.company_file.documents() if one.kind == "SalesReceipt"]
        assert len(receipts) == 40
    finally:
        trip.close()


async def test_ten_thousand_rules_are_gone_through_quickly(plain):
    """Only what is seen is painted: rows are made for a few pages, never for all."""
    array = ("merchants", "oak-ember", "rules")
    rules = tuple(
        Entry(
            path=(*array, n),
            section="rules",
            level="oak-ember",
            when=f"sku=S{n}",
            use=f"item I{n}",
            mark=f"S{n}",
            line=n,
        )
        for n in range(1, 10_001)
    )
    made = []
    async with editor(plain, "4") as pilot:
        screen = pilot.app.screen
        table = screen.query_one("#map_entries")
        put = table.put_rows
        table.put_rows = lambda rows: (made.extend(rows), put(rows))[1]
        screen.page = replace(screen.page, rows={"rules": rules})
        screen.uses = Uses(counts={"S10000": 41})
        screen.section = "rules"
        screen.show_rows()
        await press(pilot, "G", "g", "ctrl+d", "pagedown", "G")
        assert table.count == 10_000
        assert "sku=S10000  oak-ember" in painted(pilot.app)
        assert "41" in painted(pilot.app)
        assert len(made) <= 6 * 64


# ---- all that a rule may decide, and whom a tax is owed to


def test_every_outcome_a_rule_can_have_may_be_chosen():
    assert set(choosing.OUTCOMES) == set(schema.OUTCOMES)


@pytest.mark.parametrize(
    ("outcome", "name"),
    [
        ("terms", "Net 30"),
        ("sales_rep", "ANN"),
        ("template", "Intuit Invoice"),
        ("memo", "thanks"),
        ("vendor", "Acme"),
    ],
)
async def test_a_rule_is_made_with_each_of_the_newer_outcomes(plain, outcome, name):
    async with editor(plain, "4", merchant="oak-ember") as pilot:
        screen = pilot.app.screen
        screen.section = "rules"
        screen.show_rows()
        down = list(choosing.OUTCOMES).index(outcome)
        typed = ["space" if sign == " " else sign for sign in name]
        await press(pilot, "A", *"tag=vip", "enter", *["down"] * down, "enter", *typed, "enter")
        assert f'{outcome} = "{name}"' in screen.editing.text
        assert screen.editing.faults() == ()


async def test_a_tax_item_that_quickbooks_has_tells_its_agency(held):
    async with editor(held, "2", "e", "enter") as pilot:
        await until(pilot, lambda: "is owed to CDTFA" in told(pilot))
        assert not pilot.app.screen.query_one("#map_picker").is_open


async def test_a_tax_item_that_is_to_be_added_is_asked_for_its_agency(held):
    async with editor(held, "2", "e", *"New", "space", *"Tax", "enter") as pilot:
        screen = pilot.app.screen
        await until(pilot, lambda: "owed to? QuickBooks does not say" in told(pilot))
        assert screen.query_one("#map_picker").is_open
        await press(pilot, *"CDTFA", "enter")
        data = screen.editing.data()["merchants"]["oak-ember"]["taxes"]
        assert data == {TITLE: {"item": "New Tax", "agency": "CDTFA"}}
        assert screen.editing.faults() == ()


async def test_an_agency_that_nobody_knows_may_be_left_open(held):
    async with editor(held, "2", "e", *"New", "space", *"Tax", "enter", "escape") as pilot:
        screen = pilot.app.screen
        await until(pilot, lambda: not screen.query_one("#map_picker").is_open)
        assert screen.editing.data()["merchants"]["oak-ember"]["taxes"] == {TITLE: "New Tax"}
