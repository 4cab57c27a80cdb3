"""The Python we generate for speed says what the plain road says: Jinja2's own code, and a walk in a loop."""

from __future__ import annotations

import types
import typing
from datetime import date, datetime
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jinja2 import StrictUndefined, TemplateError
from jinja2.sandbox import ImmutableSandboxedEnvironment
from markupsafe import Markup
from qbxml_samples import sources

from qbconsole.books.documents import Memo, SalesReceipt
from qbconsole.money import Money
from qbconsole.qbxml.flat import Flattener
from qbconsole.qbxml.generated.straight import Straight, straight
from qbconsole.qbxml.generated.unrolled import Way, unrolled
from qbconsole.qbxml.schema import shipped_schema
from qbconsole.qbxml.templating import GuardedSandbox, Sandbox
from qbconsole.qbxml.templating.examples import all_requests, examples
from qbconsole.qbxml.templating.filters import FILTERS

SCHEMA = shipped_schema()
SOURCES = sources()
#: What is easily written wrongly: markup, braces and quotes, letters to rewrite, breaks, blanks, much, nothing.
WORDS = st.one_of(
    st.sampled_from(
        ["", " ", "Ab", 'a & b <c> "d"', "it's {x} {{ y }}", "\\n %s", "Łódź – 北", "a\nb\t", "x" * 300]
    ),
    st.text(max_size=12),
)


def plain_environment() -> ImmutableSandboxedEnvironment:
    """Jinja2 with its own compiler, told only how a value is written."""
    environment = ImmutableSandboxedEnvironment(
        undefined=StrictUndefined,
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=lambda value: Markup(Sandbox.xml_text(value)),
    )
    environment.filters = dict(FILTERS)
    return environment


PLAIN = plain_environment()
PLAIN_TEMPLATES = {name: PLAIN.from_string(text) for name, text in SOURCES.items() if "/" not in name}
OURS = Sandbox(lambda name: (SOURCES[name], name, None))


def of_type(hint: object) -> st.SearchStrategy[object]:
    """Values of a declared type."""
    if isinstance(hint, types.UnionType):
        return st.one_of(
            [st.none() if one is types.NoneType else of_type(one) for one in typing.get_args(hint)]
        )
    if typing.get_origin(hint) is tuple:
        return st.lists(of_type(typing.get_args(hint)[0]), max_size=3).map(tuple)
    known = {
        str: WORDS,
        bool: st.booleans(),
        int: st.integers(0, 99),
        Money: st.integers(-9999, 9999).map(lambda cents: Money.from_minor(cents, "USD")),
        Decimal: st.decimals(-999, 999, places=7)
        | st.sampled_from([Decimal("2"), Decimal("2.00"), Decimal("1E+2")]),
        date: st.dates(date(2020, 1, 1), date(2030, 1, 1)),
        datetime: st.datetimes(datetime(2020, 1, 1), datetime(2030, 1, 1)),  # noqa: DTZ001 - with a zone or without
        Memo: st.builds(Memo, text=WORDS, key=st.sampled_from(["", "qbc1/oak-ember/order/1/1/0"])),
    }
    return known[hint] if hint in known else document_of(hint)


def document_of(kind: type) -> st.SearchStrategy[object]:
    """Documents, lines and addresses with any of their fields."""
    hints = typing.get_type_hints(kind)
    return st.fixed_dictionaries({name: of_type(hints[name]) for name in kind.__struct_fields__}).map(
        lambda found: kind(**found)
    )


DOCUMENTS = st.sampled_from(all_requests()).flatmap(document_of)
WARM = Flattener(SCHEMA)


def writer(kind: type, text: str | None = None) -> Straight | None:
    """The straight way from such a document to what a template says of it."""
    sandbox = OURS if text is None else Sandbox(lambda name: (text, name, None))
    return straight(sandbox.tree(kind.template), kind, Flattener(SCHEMA).ways, Sandbox.xml_text)


WRITERS = {kind: writer(kind) for kind in all_requests()}


@given(document=DOCUMENTS)
@settings(max_examples=150, deadline=None)
def test_what_is_remembered_changes_neither_a_document_nor_what_is_told_of_it(document):
    told = [[], [], []]
    fresh = Flattener(SCHEMA).view(document, "r1", (), told[0])
    for losses in told[1:]:
        assert WARM.view(document, "r1", (), losses) == fresh
        assert losses == told[0]


@given(document=DOCUMENTS)
@settings(max_examples=150, deadline=None)
def test_a_shipped_template_writes_what_plain_jinja_writes(document):
    view = WARM.view(document, "r<1>", ("TxnID",), [])
    name = document.template
    assert OURS.runner(name)(view) == PLAIN_TEMPLATES[name].render(d=view)


@given(document=DOCUMENTS)
@settings(max_examples=250, deadline=None)
def test_the_straight_way_from_a_document_to_its_text_writes_and_tells_what_the_flat_value_does(document):
    flat, told = WARM.view(document, "r<1>", ("TxnID", "<&>"), losses := []), []
    if write := WRITERS[type(document)]:
        for _ in range(2):  # the second time out of memory
            assert write(document, "r<1>", ("TxnID", "<&>"), told) == PLAIN_TEMPLATES[
                document.template
            ].render(d=flat)
            assert told == losses
            told.clear()


def test_every_document_and_list_entry_goes_the_straight_way():
    by_flat_value = {kind.__name__ for kind, write in WRITERS.items() if write is None}
    assert {name for name in by_flat_value if not name.endswith("Query")} == set()


@pytest.mark.parametrize("kind", all_requests(), ids=lambda kind: kind.__name__)
def test_every_example_is_written_as_plain_jinja_writes_it(kind):
    for document in examples(kind):
        view = WARM.view(document, "r1", (), [])
        assert OURS.runner(kind.template)(view) == PLAIN_TEMPLATES[kind.template].render(d=view)


class Row(typing.NamedTuple):
    word: object
    key: object
    names: object


@given(rows=st.lists(st.tuples(*[st.none() | WORDS] * 2, st.none() | st.lists(WORDS, max_size=2).map(tuple))))
def test_the_walk_written_out_is_the_walk_in_a_loop(rows):
    known: dict[str, str] = {}

    def shouted(value, losses):
        known[value] = value.upper()
        return value.upper()

    def each(values, losses):
        return tuple([value.upper() for value in values])

    walk = unrolled(
        lambda *values: values, Row._fields, [Way(shouted, known), Way(None), Way(each, many=True)]
    )
    rules = (shouted, lambda value, losses: value, each)
    for given_row in rows:
        looped = tuple(
            [None if value is None else rule(value, []) for rule, value in zip(rules, given_row, strict=True)]
        )
        assert walk(Row(*given_row), []) == looped


#: What a merchant may write, where our code could go astray: braces, quotes, odd loops, names given twice.
ODD = [
    "{x} {{ d.memo }} }} \\ \" ' '''",
    "{% if d.memo is not none %}{'{{ d.memo }}'}{% endif %}\n\\n{{ d.ref_number }}",
    "{% if d.memo is none %}-{% else %}{{ d.memo }}{% endif %}{{ d.txn_date }}",
    "{% for line in d.lines %}{{ loop.index }}{{ line.desc }}{% else %}none{% endfor %}",
    "{% for line in d.lines %}{{ line.desc }}{% set line = d.memo %}{{ line }}{% endfor %}",
    "{% for line in d.lines %}{% with line = d %}{{ line.memo }}{% endwith %}{{ line.item_ref }}{% endfor %}",
    "{% for d in d.lines %}{{ d.item_ref }}{% if d.desc is not none %}<i>{{ d.desc }}</i>{% endif %}{% endfor %}",
    "{% for a in d.lines %}{% for b in d.lines %}{{ a.item_ref }}{{ b.desc }}{% endfor %}{{ a.desc }}{% endfor %}",
    "{% for line in d.lines %}{% for line in d.lines %}{{ line.desc }}{% endfor %}{{ line.amount }}{% endfor %}",
    "{% macro m(line) %}{{ line.desc }}<{{ line }}>{% endmacro %}{% for line in d.lines %}{{ m(line) }}{% endfor %}",
    "{% macro m(x) %}<b>{{ x.desc }}</b>{% endmacro %}{% for l in d.lines %}{{ m(l) }}{{ l.item_ref }}{% endfor %}",
    "{% for word in d.include_ret_elements %}{{ word }}{{ word.upper() }}{% endfor %}",
    "{% for word in d.include_ret_elements %}{{ word.nothing }}{% endfor %}",
    "{% set x = d.memo %}{{ x }}{{ x.nothing }}",
    "{{ d.nothing }}",
    "{% if d.nothing is not none %}<A>{{ d.nothing }}</A>{% endif %}",
    "{{ d.memo | upper }}{{ 'a' ~ d.memo }}{{ '<' }}{{ d }}",
    "{{ d.lines }}",
    "{% if d.memo is not none %}{{ d.ref_number }}{% endif %}{% if d.memo %}a{% endif %}",
    "{% if d.memo is not none and d.txn_date %}b{% endif %}{% if d.memo is none %}c{% endif %}",
    "{% if d.memo is not none %}<A>{{ d.memo }}</A>{% else %}<B/>{% endif %}{{ d.order }}",
    "{% with a = d.bill_address %}{{ a.addr1 }}{% endwith %}",
    "{% with a = d.bill_address %}{% if a is not none %}{{ a.addr1 }}{% endif %}{% endwith %}{{ d.memo }}",
    "{% with a = d.memo %}{% if a is not none %}{{ a }}{% endif %}{% endwith %}",
    "{% with a = d.bill_address, b = d.ship_address %}{{ b is none }}{% endwith %}",
    "{% for line in d.lines %}{{ d.memo }}{% for ext in line.data_ext %}{{ ext.owner_id }}{% endfor %}{% endfor %}",
    "{% for line in d.lines %}{{ line }}{% endfor %}",
    "{% for line in d.lines %}{{ line.sku }}{{ line.nothing }}{% endfor %}",
    "{% for d in d.lines %}{{ d.request_id }}{% endfor %}",
    "{% for d in d.lines %}{% for name in d.include_ret_elements %}{{ name }}{% endfor %}{% endfor %}",
    "{% for letter in d.txn_date %}{{ letter }}{% endfor %}",
    "{% for name in d.include_ret_elements %}{% for name in d.include_ret_elements %}{{ name }}{% endfor %}{% endfor %}",
]


@pytest.mark.parametrize("kind", [Sandbox, GuardedSandbox])
@pytest.mark.parametrize("text", ODD)
def test_odd_templates_write_or_fail_as_with_plain_jinja(kind, text):
    ours, plain = kind(lambda name: (text, name, None)), PLAIN.from_string(text)
    write = writer(SalesReceipt, text)
    for document in examples(SalesReceipt):
        view = WARM.view(document, "r1", ("TxnID", "EditSequence"), [])
        try:
            expected = plain.render(d=view)
        except TemplateError as refused:
            with pytest.raises(type(refused)):
                ours.runner("t")(view)
        else:
            assert ours.runner("t")(view) == expected
            assert write is None or write(document, "r1", ("TxnID", "EditSequence"), []) == expected
