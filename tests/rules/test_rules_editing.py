"""Edits besides setting a value, several of them in hand, undone and made again."""

from __future__ import annotations

from datetime import date

import pytest

from qbconsole.rules.mapping.editing import Editing, diff_lines, sha_of
from qbconsole.rules.mapping.faults import MappingFaults
from qbconsole.rules.mapping.read import read

TEXT = """# top of the file
schema = 1   # one

# --------------------------------- companies

[companies.oak]
name = "Oak"
# closing_date = 2025-12-31

# about accounts
[defaults.accounts]
# what is sold
sales_income = 'Sales'   # keep me
returns = "Returns"
# where money goes
bank = "Checking"

[defaults.taxes]
"*" = { item = "X", agency = "Y" } # star

[merchants.oak]
shop = "oak.myshopify.com"
plugins = [
    # reads orders
    "first",   # the first
    "second"   # the second
]

# gifts
[[merchants.oak.rules]]
when = { sku = "GIFT" }   # wrapped
account = "Gifts"

# wholesale
# needs Ann
[[merchants.oak.rules]]
when = { tag = "wholesale" }
hold = "Ask Ann"

# free words about nothing in particular

[[merchants.oak.rules]]
account = "Late"
[merchants.oak.rules.when]
sku = "LATE"
# the end
"""


def begun(text: str = TEXT) -> Editing:
    return Editing.begin(text)


def gone_and_come(editing: Editing) -> tuple[list[str], list[str]]:
    lines = [line for line in editing.diff(context=0) if not line.startswith("@@")]
    return (
        [line[1:] for line in lines if line.startswith("-")],
        [line[1:] for line in lines if line.startswith("+")],
    )


def rules(editing: Editing) -> list[dict]:
    return editing.data()["merchants"]["oak"]["rules"]


@pytest.mark.parametrize(
    ("path", "gone"),
    [
        # A comment on a key's own line goes; one above a group of keys stays with those that stay.
        ("defaults.accounts.sales_income", ["sales_income = 'Sales'   # keep me"]),
        ("defaults.accounts.bank", ["# where money goes", 'bank = "Checking"']),
        (
            "merchants.oak.rules[0]",
            ["# gifts", "[[merchants.oak.rules]]", 'when = { sku = "GIFT" }   # wrapped'],
        ),
        (
            "merchants.oak.rules[2]",
            ["[[merchants.oak.rules]]", 'account = "Late"', "[merchants.oak.rules.when]"],
        ),
        ("merchants.oak.rules[1].hold", ['hold = "Ask Ann"']),
        ("merchants.oak.plugins[0]", ["    # reads orders", '    "first",   # the first']),
        ("merchants.oak.plugins[1]", ['    "second"   # the second']),
        ("companies.oak", ["[companies.oak]", 'name = "Oak"', "# closing_date = 2025-12-31"]),
        ("defaults.taxes", ["[defaults.taxes]", '"*" = { item = "X", agency = "Y" } # star']),
    ],
)
def test_what_is_taken_out_takes_its_own_comments_and_no_others(path, gone):
    after = begun().unset(path)
    missing, come = gone_and_come(after)
    assert come == []
    assert [line for line in missing if line][: len(gone)] == gone
    kept = [line for line in TEXT.splitlines() if "#" in line and line not in missing]
    assert [line for line in after.text.splitlines() if "#" in line] == kept


def test_free_words_stay_where_they_are_when_the_rule_below_them_goes():
    after = begun().unset("merchants.oak.rules[2]")
    assert after.text.endswith('hold = "Ask Ann"\n\n# free words about nothing in particular\n')


def test_part_of_an_inline_table_is_taken_out_of_its_line_alone():
    after = begun().unset('defaults.taxes."*".agency')
    assert gone_and_come(after) == (
        ['"*" = { item = "X", agency = "Y" } # star'],
        ['"*" = { item = "X" } # star'],
    )
    assert '"*" = { agency = "Y" } # star' in begun().unset('defaults.taxes."*".item').text


def test_the_last_rule_takes_the_array_along():
    after = begun()
    for _ in range(3):
        after = after.unset("merchants.oak.rules[0]")
    assert "rules" not in after.data()["merchants"]["oak"]
    assert after.text.endswith("]\n\n# free words about nothing in particular\n")


def test_a_rule_moves_with_its_comments_and_what_is_between_stays():
    after = begun().move("merchants.oak.rules", 1, 0)
    assert [rule.get("hold") for rule in rules(after)] == ["Ask Ann", None, None]
    lines = after.text.splitlines()
    assert lines[lines.index("# wholesale") + 1 : lines.index("# wholesale") + 3] == [
        "# needs Ann",
        "[[merchants.oak.rules]]",
    ]
    assert (
        lines.index("# wholesale")
        < lines.index("# gifts")
        < lines.index("# free words about nothing in particular")
    )
    assert after.move("merchants.oak.rules", 0, 1).text == TEXT


def test_a_rule_of_two_tables_moves_whole():
    after = begun().move("merchants.oak.rules", 2, 0)
    assert rules(after)[0] == {"account": "Late", "when": {"sku": "LATE"}}
    assert after.move("merchants.oak.rules", 0, 2).text == TEXT


def test_elements_on_their_own_lines_move_with_their_comments():
    after = begun().move("merchants.oak.plugins", 1, 0)
    assert after.data()["merchants"]["oak"]["plugins"] == ["second", "first"]
    assert '    "second",   # the second\n    # reads orders\n    "first"   # the first\n]' in after.text
    assert after.move("merchants.oak.plugins", 0, 1).text == TEXT


def test_a_rule_is_put_in_where_it_shall_stand():
    wanted = {"when": {"tag": ["vip", "gold"]}, "hold": "Look", "from": date(2026, 4, 1)}
    for position, before in enumerate(["# gifts", "# wholesale", "[[merchants.oak.rules]]"]):
        after = begun().insert("merchants.oak.rules", position, wanted)
        lines = after.text.splitlines()
        at = lines.index('when = { tag = ["vip", "gold"] }')
        assert lines[at - 1 : at + 5] == [
            "[[merchants.oak.rules]]",
            'when = { tag = ["vip", "gold"] }',
            'hold = "Look"',
            "from = 2026-04-01",
            "",
            before,
        ]
        assert read(after.text).merchants["oak"].tables.rules[position].outcomes == {"hold": "Look"}
        assert after.unset(f"merchants.oak.rules[{position}]").text == TEXT
    last = begun().insert("merchants.oak.rules", 3, wanted)
    assert "# the end\n\n[[merchants.oak.rules]]\n" in last.text
    assert last.unset("merchants.oak.rules[3]").text == TEXT


def test_an_element_joins_an_array_in_the_arrays_own_style():
    after = begun().insert("merchants.oak.plugins", 2, "third").insert("merchants.oak.plugins", 0, "zeroth")
    assert (
        "plugins = [\n"
        '    "zeroth",\n'
        "    # reads orders\n"
        '    "first",   # the first\n'
        '    "second",   # the second\n'
        '    "third"\n'
        "]\n"
    ) in after.text
    one_line = begun('schema = 1\n[merchants.a]\nshop = "a.b"\nplugins = ["x", "y"] # two\n')
    assert 'plugins = ["z", "x", "y"] # two' in one_line.insert("merchants.a.plugins", 0, "z").text
    assert 'plugins = ["x", "y", "z"] # two' in one_line.insert("merchants.a.plugins", 2, "z").text
    assert 'plugins = ["y"] # two' in one_line.unset("merchants.a.plugins[0]").text
    assert 'plugins = ["y", "x"] # two' in one_line.move("merchants.a.plugins", 1, 0).text


def test_a_first_rule_makes_the_array_below_its_merchant():
    text = TEXT.partition("# gifts")[0] + '[merchants.pine]\nshop = "pine.myshopify.com"\n'
    after = begun(text).insert("merchants.oak.rules", 0, {"hold": "All"})
    assert after.text == text.replace(
        "[merchants.pine]", '[[merchants.oak.rules]]\nhold = "All"\n\n[merchants.pine]'
    )


def test_setting_a_list_written_on_several_lines_keeps_the_comments_of_what_stays():
    after = begun().set("merchants.oak.plugins", ["second", "third"])
    assert 'plugins = [\n    "second",   # the second\n    "third"\n]' in after.text


def test_a_new_table_stands_behind_the_comments_of_the_one_before():
    after = begun().set("companies.elm", {"name": "Elm"})
    assert after.text == TEXT.replace(
        "# closing_date = 2025-12-31\n", '# closing_date = 2025-12-31\n\n[companies.elm]\nname = "Elm"\n'
    )


def test_a_key_is_renamed_wherever_it_is_named():
    after = begun().rename("merchants.oak", "elm-2")
    assert after.data()["merchants"].keys() == {"elm-2"}
    assert after.text == TEXT.replace("merchants.oak", "merchants.elm-2")
    spaced = begun().rename('defaults.taxes."*"', "CA State Tax")
    assert '"CA State Tax" = { item = "X", agency = "Y" } # star' in spaced.text
    assert (
        'when = { tag = "GIFT" }   # wrapped' in begun().rename("merchants.oak.rules[0].when.sku", "tag").text
    )


def test_undo_and_redo_give_the_same_bytes():
    texts = [begun()]
    texts.append(texts[-1].write("merchants.oak.start", "2026-01-01"))
    texts.append(texts[-1].unset("merchants.oak.rules[0]"))
    texts.append(texts[-1].move("merchants.oak.rules", 0, 1))
    texts.append(texts[-1].replace_all("# nothing\n"))
    here = texts[-1]
    assert (here.count, here.can_redo) == (4, False)
    for before in reversed(texts[:-1]):
        here = here.undo()
        assert here.text == before.text
    assert not here.can_undo
    assert not here.changed
    assert here.diff() == ()
    for after in texts[1:]:
        here = here.redo()
        assert here.text == after.text
    other = here.undo().undo().write("companies.oak.name", "Elm")
    assert not other.can_redo
    assert other.count == 3
    assert [str(step) for step in other.done] == [
        "merchants.oak.start = 2026-01-01",
        "merchants.oak.rules[0] taken out",
        "companies.oak.name = Elm",
    ]


def test_an_edit_that_changes_nothing_is_no_edit():
    here = begun().write("companies.oak.name", "Oak").move("merchants.oak.rules", 1, 1).replace_all(TEXT)
    assert here == begun()


def test_faults_are_told_at_their_lines_while_it_is_edited():
    here = begun().set("merchants.oak.policy.tax", "foo")
    assert [str(fault).partition(": ")[0] for fault in here.faults()] == ["mappings.toml:49"]
    assert here.undo().faults() == ()
    broken = begun().replace_all(TEXT + "x = [\n")
    assert "not valid TOML" in str(broken.faults()[0])
    with pytest.raises(MappingFaults, match="not valid TOML"):
        broken.write("companies.oak.name", "Elm")
    assert broken.undo().text == TEXT


def test_the_diff_shows_lines_with_their_surroundings():
    assert begun().write("companies.oak.name", "Elm").diff(context=1) == (
        "@@ -6,3 +6,3 @@",
        " [companies.oak]",
        '-name = "Oak"',
        '+name = "Elm"',
        " # closing_date = 2025-12-31",
    )
    assert diff_lines("a\n", "a") == ("@@ -1 +1 @@", "-a", "+a (no line break at the end)")


@pytest.mark.parametrize(
    ("edit", "words"),
    [
        (lambda e: e.unset("merchants.oak.start"), "nothing here to take out"),
        (lambda e: e.unset("merchants.oak.rules[3]"), "nothing here to take out"),
        (lambda e: e.move("merchants.oak.rules", 0, 3), "no position 3"),
        (lambda e: e.move("merchants.oak.shop", 0, 0), "is no array"),
        (lambda e: e.insert("merchants.oak.rules", 5, {}), "no position 5"),
        (lambda e: e.insert("merchants.elm.rules", 1, {}), "no such array"),
        (lambda e: e.insert("merchants.oak.rules", 0, "text"), "by hand"),
        (lambda e: e.rename("companies.oak", " "), "needs a name"),
        (lambda e: e.rename("defaults.accounts.bank", "returns"), "already"),
        (lambda e: e.rename("merchants.oak.rules[0]", "x"), "no key here"),
        (lambda e: e.rename("companies.oak", "\udc80"), "not valid TOML"),
        (lambda e: e.set("companies.oak", {"name": "\udc80"}), "by hand|not valid TOML"),
        (lambda e: e.set(("companies", "oak", "name"), "\udc80"), "not valid TOML"),
    ],
)
def test_an_edit_that_cannot_be_made_is_refused_and_changes_nothing(edit, words):
    here = begun()
    with pytest.raises(MappingFaults, match=words):
        edit(here)
    assert here == begun()


def test_edits_are_made_to_what_somebody_else_saved():
    mine = begun().write("companies.oak.name", "Elm").move("merchants.oak.rules", 0, 1)
    theirs = TEXT.replace("'Sales'", '"Sales:Shop"')
    both = mine.onto(theirs)
    assert both.start == theirs
    assert both.base_sha == sha_of(theirs)
    assert both.data()["companies"]["oak"]["name"] == "Elm"
    assert both.data()["defaults"]["accounts"]["sales_income"] == "Sales:Shop"
    assert rules(both)[1]["account"] == "Gifts"


@pytest.mark.parametrize(
    ("mine", "theirs"),
    [
        (lambda e: e.move("merchants.oak.rules", 0, 1), TEXT.replace("Gifts", "Presents")),
        (lambda e: e.unset("merchants.oak.rules[1].hold"), TEXT.replace("Gifts", "Presents")),
        (lambda e: e.replace_all(TEXT + "# more\n"), TEXT + "# other\n"),
        (lambda e: e.unset("defaults.accounts.bank"), TEXT.replace('bank = "Checking"\n', "")),
        (lambda e: e.write("companies.oak.name", "Elm"), "broken ="),
    ],
)
def test_edits_of_what_somebody_else_changed_are_refused(mine, theirs):
    with pytest.raises(MappingFaults):
        mine(begun()).onto(theirs)


def test_windows_files_stay_windows_files_whatever_is_edited():
    text = "\ufeff" + TEXT.replace("\n", "\r\n")
    here = begun(text).unset("merchants.oak.rules[0]").move("merchants.oak.rules", 1, 0)
    here = here.insert("merchants.oak.rules", 1, {"hold": "x"}).insert("merchants.oak.plugins", 0, "z")
    here = here.unset("defaults.accounts.bank").rename("companies.oak", "elm")
    assert here.text.count("\n") == here.text.count("\r\n")
    assert here.text.startswith("\ufeff# top")
    for _ in range(6):
        here = here.undo()
    assert here.text == text


def test_a_file_without_a_last_line_break_keeps_its_lines_apart():
    text = TEXT.removesuffix("# the end\n").removesuffix("\n")
    after = begun(text).insert("merchants.oak.rules", 3, {"hold": "x"})
    assert after.text == text + '\n\n[[merchants.oak.rules]]\nhold = "x"'
    assert begun(text).unset("merchants.oak.rules[2]").text.endswith("particular\n")
    assert begun(text).move("merchants.oak.rules", 2, 0).move("merchants.oak.rules", 0, 2).text == text
