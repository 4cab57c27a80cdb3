"""Random edits of a richly commented mapping: what was meant is said, all else keeps its bytes, undo gives them back."""

from __future__ import annotations

import copy
import tomllib
from difflib import SequenceMatcher
from pathlib import Path

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from qbconsole.rules.mapping.editing import Editing
from qbconsole.rules.mapping.faults import MappingFaults

SHIPPED = (Path(__file__).parents[2] / "mappings.toml").read_text(encoding="utf-8")

#: Pieces a file is put together from; unknown keys are kept as well as known ones.
COMMENTS = st.lists(
    st.sampled_from(["# one", "#two = 2", "  # [three]", "# ü \U0001f600 '''", ""]), max_size=3
)
KEYS = st.sampled_from(["a", "b-2", '"c d"', "'e.f'", "unknown"])
VALUES = st.sampled_from(
    ["1", "true", "2026-01-01", '"x # no comment"', "'''\n# no comment\n'''", '["p", "q"]', "{ i = 1, j = [2] }",
     '[\n  # lead\n  "p", # p\n  "q" # q\n]', '"""\n[no.table]\n"""', "0.10"]
)  # fmt: skip
TAILS = st.sampled_from(["", " # tail", "\t# tail = 1"])


@st.composite
def pairs(draw) -> str:
    keys = draw(st.lists(KEYS, unique=True, max_size=4))
    return "".join(
        "".join(f"{line}\n" for line in draw(COMMENTS)) + f"{key} = {draw(VALUES)}{draw(TAILS)}\n"
        for key in keys
    )


@st.composite
def files(draw) -> str:
    """A file with tables, sub-tables and rules, comments everywhere, sometimes out of order."""
    parts = [draw(pairs())]
    names = draw(st.lists(st.sampled_from(["t", "u", "t.s", '"q q"']), unique=True, max_size=3))
    headers = [f"[{name}]" for name in names] + ["[[t.rules]]"] * draw(st.integers(0, 3)) + ["[[rules]]"] * 2
    for header in draw(st.permutations(headers)):
        body = draw(pairs()).replace("\nrules", "\nrules_")
        comments = "".join(f"{line}\n" for line in draw(COMMENTS))
        parts.append(f"{comments}{header}{draw(TAILS)}\n{body}")
        if header == "[[rules]]" and draw(st.booleans()):
            parts.append(f"[rules.sub]{draw(TAILS)}\nv = 1\n")
    text = "".join(parts)
    if draw(st.booleans()):
        text = text.rstrip("\n")
    return text.replace("\n", "\r\n") if draw(st.booleans()) else text


def places_in(data, above=()) -> list[tuple]:
    """Every place of the data."""
    held = data.items() if isinstance(data, dict) else enumerate(data) if isinstance(data, list) else ()
    return [where for key, one in held for where in ((*above, key), *places_in(one, (*above, key)))]


def at(data, path):
    for part in path:
        data = data[part]
    return data


def pruned(data, path) -> list:
    """The data, and the data without the tables that a key's going left empty."""
    found = [data]
    for depth in range(len(path) - 1, 0, -1):
        if at(found[-1], path[:depth]) or isinstance(path[depth - 1], int):
            break
        found.append(copy.deepcopy(found[-1]))
        del at(found[-1], path[: depth - 1])[path[depth - 1]]
    return found


def unset(draw, here, data):
    path = draw(st.sampled_from(places_in(data)))
    meant = copy.deepcopy(data)
    del at(meant, path[:-1])[path[-1]]
    return here.unset(path), pruned(meant, path)


def rename(draw, here, data):
    keys = [path for path in places_in(data) if isinstance(path[-1], str)]
    path, name = draw(st.sampled_from(keys)), draw(st.sampled_from(["new", "new name", "ü"]))
    assume(name not in at(data, path[:-1]))
    meant = copy.deepcopy(data)
    table = at(meant, path[:-1])
    table[name] = table.pop(path[-1])
    return here.rename(path, name), [meant]


def arrays_in(data) -> list[tuple]:
    return [path for path in places_in(data) if isinstance(at(data, path), list)]


def insert(draw, here, data):
    path = draw(st.sampled_from(arrays_in(data)))
    array = at(data, path)
    position = draw(st.integers(0, len(array)))
    element = {"k": 1, "when": {"x": ["y"]}} if array and isinstance(array[0], dict) else "z"
    meant = copy.deepcopy(data)
    at(meant, path).insert(position, element)
    return here.insert(path, position, element), [meant]


def move(draw, here, data):
    path = draw(st.sampled_from([one for one in arrays_in(data) if at(data, one)]))
    last = len(at(data, path)) - 1
    start, to = draw(st.integers(0, last)), draw(st.integers(0, last))
    meant = copy.deepcopy(data)
    at(meant, path).insert(to, at(meant, path).pop(start))
    return here.move(path, start, to), [meant]


def assign(draw, here, data):
    path = draw(st.sampled_from([one for one in places_in(data) if not isinstance(at(data, one), dict)]))
    assume(not isinstance(at(data, path), list) or not any(isinstance(one, dict) for one in at(data, path)))
    value = draw(st.sampled_from([2, False, "new", ["q", "r"], {"k": "v"}]))
    meant = copy.deepcopy(data)
    at(meant, path[:-1])[path[-1]] = value
    return here.set(path, value), [meant]


MOVES = [unset, rename, insert, move, assign]


def is_part(short: str, long: str) -> bool:
    """Whether nothing but a few stretches was added."""
    rest = iter(long)
    return all(letter in rest for letter in short)


def keeps_bytes(kind, before: str, after: str) -> bool:
    """Taking out only takes bytes out, putting in only puts some in, and moving changes none."""
    if kind is unset:
        return is_part(after, before)
    if kind is insert:
        return is_part(before, after)
    return kind is not move or sorted(before) == sorted(after)


@settings(max_examples=150, deadline=None)
@given(st.data(), files())
def test_random_edits_of_random_files_say_what_was_meant_and_are_undone_to_the_byte(data, text):
    try:
        said = tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        assume(False)
    here = begun = Editing.begin(text)
    texts, told = [text], []
    for _ in range(data.draw(st.integers(1, 5))):
        assume(arrays_in(said) and any(at(said, one) for one in arrays_in(said)))
        kind = data.draw(st.sampled_from(MOVES))
        try:
            after, meant = kind(data.draw, here, said)
        except MappingFaults as refused:
            told.append(str(refused))
            continue
        said = tomllib.loads(after.text)
        assert said in meant
        assert keeps_bytes(kind, here.text, after.text)
        assert after.text.count("\r\n") in (0, after.text.count("\n"))
        if after is not here:
            texts.append(after.text)
        here = after
    assert here.count == len(texts) - 1
    for before in reversed(texts[:-1]):
        here = here.undo()
        assert here.text == before
    for after in texts[1:]:
        here = here.redo()
        assert here.text == after
    assert begun.text == text
    assert all("by hand" in sentence for sentence in told)  # it would have had to touch what is not meant


def untouched(before: str, after: str) -> bool:
    """One edit changes one stretch of the text, or moves one: no line is lost beside what was taken out."""
    blocks = SequenceMatcher(a=before.splitlines(), b=after.splitlines(), autojunk=False).get_opcodes()
    return sum(kind != "equal" for kind, *_ in blocks) <= 2


SHIPPED_PLACES = [path for path in places_in(tomllib.loads(SHIPPED)) if path != ("schema",)]


@settings(max_examples=60, deadline=None)
@given(st.sampled_from(SHIPPED_PLACES))
def test_taking_anything_out_of_the_shipped_file_touches_one_stretch_of_it(path):
    after = Editing.begin(SHIPPED).unset(path)
    gone = set(SHIPPED.splitlines()) - set(after.text.splitlines())
    lines = [line for line in gone if line.startswith("#")]
    assert untouched(SHIPPED, after.text)
    assert after.undo().text == SHIPPED
    keys = {line.partition("=")[0].strip(" #") for line in gone if "=" in line}
    assert len(path) > 2 or keys or not lines


@pytest.mark.parametrize("comments", [0, 1, 3])
@settings(max_examples=40, deadline=None)
@given(st.data())
def test_rules_are_shuffled_with_their_comments_and_come_back_to_the_byte(comments, data):
    """Every rule has comments of its own, above, behind and below; whatever the order, they stay with their rule."""
    rules = [
        "".join(f"# above {number}.{one}\n" for one in range(comments))
        + f"[[rules]] # head {number}\nn = {number} # behind {number}\n# below {number}\n"
        for number in range(4)
    ]
    text = "# top\n\nschema = 1\n\n" + "\n".join(rules) + "\n[other]\nx = 1\n"
    here, order = Editing.begin(text), list(range(4))
    for _ in range(data.draw(st.integers(1, 6))):
        start, to = data.draw(st.integers(0, len(order) - 1)), data.draw(st.integers(0, len(order) - 1))
        if data.draw(st.booleans()) or len(order) == 1:
            here = here.move("rules", start, to)
            order.insert(to, order.pop(start))
        else:
            here = here.unset(("rules", start))
            order.pop(start)
    expected = "\n".join(rules[number] for number in order)
    assert here.text == f"# top\n\nschema = 1\n\n{expected}\n[other]\nx = 1\n"
    while here.can_undo:
        here = here.undo()
    assert here.text == text
