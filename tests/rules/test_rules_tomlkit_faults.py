"""What tomlkit is known to get wrong, each by its issue's own example: our edits keep bytes and meaning there.

Only tomlkit's writing of single values is used; these tests are why.
"""

from __future__ import annotations

import pytest

from qbconsole.rules.mapping.editing import Editing
from qbconsole.rules.mapping.faults import MappingFaults


def begun(text: str) -> Editing:
    return Editing.begin(text)


def test_588_keys_after_a_dotted_one_stay_out_of_its_table():
    text = "a.b = 1\nz = 2\n"
    assert begun(text).set("a.c.x", 1).text == text + "\n[a.c]\nx = 1\n"
    with pytest.raises(MappingFaults, match="by hand"):
        begun(text).set("a.c", 1)
    assert begun(text).set("a.b", {"x": 1}).text == "a.b = { x = 1 }\nz = 2\n"
    assert begun(text).unset("a.b").text == "z = 2\n"
    assert begun(text).rename("a", "b").text == "b.b = 1\nz = 2\n"


def test_204_a_table_of_several_tiers_is_taken_out_once_and_for_all():
    text = '[project]\nname = "x"\n\n[build-system]\nrequires = ["y"]\n\n[project.optional]\ndev = ["z"]\n'
    assert (
        begun(text).unset("project.optional").text
        == '[project]\nname = "x"\n\n[build-system]\nrequires = ["y"]\n'
    )


def test_205_and_410_a_table_out_of_order_is_taken_out_whole():
    text = "[tool.poetry]\nv = 1\n\n[tool.uv]\nt = 1\n\n[tool.poetry.group]\np = 1\n\n[build]\nb = 1\n\n[[tool.poetry.source]]\nn = 1\n"
    assert begun(text).unset("tool.poetry").text == "[tool.uv]\nt = 1\n\n[build]\nb = 1\n"


def test_145_a_value_that_becomes_a_table_takes_no_later_key_along():
    text = "\n[a]\nx = 1 # comment\ny = 2\nz = 3\n"
    after = begun(text).set("a.y", {"nested": 1})
    assert after.text == "\n[a]\nx = 1 # comment\ny = { nested = 1 }\nz = 3\n"


def test_144_a_renamed_table_has_its_new_name_in_every_header():
    text = '["nested.key"]\na = 3 # comment\n\n["nested.key".b]\nc = 1\n'
    assert begun(text).rename('"nested.key"', "y").text == "[y]\na = 3 # comment\n\n[y.b]\nc = 1\n"


def test_98_a_key_of_the_root_never_lands_in_a_table_below_a_comment():
    text = '# Comment\n\n[foo]\nname = "test"\n'
    assert begun(text).set("bar", 1).text == 'bar = 1\n# Comment\n\n[foo]\nname = "test"\n'


def test_64_and_196_a_value_in_sections_out_of_order_is_set_where_it_stands():
    text = '[a.a]\nkey = "value"\n\n[a.b]\n\n[a.a.a]\n'
    assert begun(text).set("a.a.key", "new").text == text.replace("value", "new")
    assert begun(text).set("a.a.a.x", 1).text == text + "x = 1\n"


def test_579_a_key_put_in_and_taken_out_leaves_the_bytes_as_they_were():
    text = "[a]\nx = 1\n"
    assert begun(text).set("foo", 10).unset("foo").text == text
    assert begun(text).set("a.y", 1).unset("a.y").text == text


def test_571_tables_declared_after_their_children_can_be_edited():
    text = "[tool.ruff]\n[tool.ruff.lint.a]\n[tool.ruff.lint]\n[[tool.poetry.source]]\n[tool.ruff.lint.b]\n"
    assert begun(text).set("tool.ruff.lint.x", 1).text == text.replace(
        "[tool.ruff.lint]\n", "[tool.ruff.lint]\nx = 1\n"
    )
    assert begun(text).unset("tool.ruff.lint").text == "[tool.ruff]\n[[tool.poetry.source]]\n"


def test_498_and_577_a_table_extends_the_last_element_over_others_between():
    text = '[[fruit]]\napple.color = "red"\n\n[potato]\n\n[fruit.apple.texture]\nsmooth = true\n'
    here = begun(text)
    assert here.set("fruit[0].apple.texture.smooth", False).text == text.replace("true", "false")
    assert here.unset("fruit[0]").text == "[potato]\n"
    more = here.insert("fruit", 0, {"name": "first"})
    assert [len(one) for one in more.data()["fruit"]] == [1, 1]
    swapped = more.move("fruit", 0, 1)
    assert swapped.data()["fruit"] == more.data()["fruit"][::-1]


def test_340_and_213_an_element_goes_with_its_comment_and_the_bracket_stays_free():
    text = "[info]\nstatus = [\n    1,  # Open\n    2,  # In-progress\n    4,  # Useless-status\n]\n"
    assert (
        begun(text).unset("info.status[2]").text
        == "[info]\nstatus = [\n    1,  # Open\n    2,  # In-progress\n]\n"
    )


def test_216_the_end_of_an_array_keeps_its_style():
    text = 'hello = [\n    "one",\n    "two",\n    "three",\n]\n'
    assert begun(text).insert("hello", 3, "four").text == text.replace("]", '    "four",\n]')
    assert begun(text).unset("hello[2]").text == text.replace('    "three",\n', "")


def test_408_a_comma_on_a_line_of_its_own_is_left_to_the_hand():
    text = 'x = [\n"one" # comment one\n, # comment two\n]\n'
    with pytest.raises(MappingFaults, match="by hand"):
        begun(text).unset("x[0]")
    with pytest.raises(MappingFaults, match="by hand"):
        begun('a = [\n  "1", "2", # both\n  "3",\n]\n').unset("a[1]")


def test_580_an_element_behind_a_comment_does_not_fall_into_it():
    assert begun('x = [ "a", # last\n]\n').insert("x", 1, "b").data() == {"x": ["a", "b"]}
    assert begun('x = [\n  "a" # last\n]\n').insert("x", 1, "b").text == 'x = [\n  "a", # last\n  "b"\n]\n'
