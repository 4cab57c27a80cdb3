"""What people try on a template engine to get out of it, or to keep it busy for ever; each is refused at its line.

Sources: the sandbox escapes of Jinja2's own advisories (CVE-2014-1402, CVE-2016-10745, CVE-2019-10906, CVE-2024-56326,
CVE-2025-27516), the lists of PayloadsAllTheThings and HackTricks, and bombs of loops, texts and recursion.
"""

from __future__ import annotations

import re
import resource
import time

import pytest
from qbxml_samples import fullest, sources

from qbconsole.books.documents import SalesReceipt
from qbconsole.errors import TemplateBroken
from qbconsole.qbxml.render import Renderer
from qbconsole.qbxml.schema import shipped_schema

NAME = "sales_receipt_add.xml.j2"
SOURCES = sources()
SCHEMA = shipped_schema()
RECEIPT = fullest(SalesReceipt)

#: What it is -> what is written into a template.
REACHING = {
    "the class of text": "{{ ''.__class__ }}",
    "all classes of Python": "{{ ''.__class__.__mro__[1].__subclasses__() }}",
    "classes by item": "{{ ''['__class__']['__base__']['__subclasses__']() }}",
    "a name put together": "{{ d['__cla' ~ 'ss__'] }}",
    "a name put together of a field's": "{{ d.memo['__cla' ~ 'ss__'] }}",
    "a name turned round": "{{ d['__ssalc__'|reverse] }}",
    "a name replaced": "{{ d['xxclassxx'|replace('x', '_')] }}",
    "a name joined": "{{ d[['_', '_', 'class', '_', '_']|join] }}",
    "a name of full-width letters": "{{ d.\uff3f\uff3fclass\uff3f\uff3f }}",
    "a name half full-width": "{{ d.__cl\uff41ss__ }}",
    "a field of full-width letters": "{{ d.me\uff4do }}",
    "a variable of full-width letters": "{{ \uff44.memo }}",
    "the attr filter": "{{ d|attr('__class__') }}",
    "the attr filter with numbers": r"{{ d|attr('\x5f\x5fclass\x5f\x5f') }}",
    "the map filter": "{{ [d]|map(attribute='__class__')|first }}",
    "the map filter by name": "{{ [d]|map('attr', '__class__')|list }}",
    "selectattr": "{{ [d]|selectattr('__class__')|list }}",
    "groupby": "{{ [d]|groupby('__class__') }}",
    "sort by attribute": "{{ [d]|sort(attribute='__class__') }}",
    "sum by attribute": "{{ [d]|sum('__class__') }}",
    "unique by attribute": "{{ [d]|unique(attribute='__class__') }}",
    "the format filter": "{{ '%s'|format(d.__class__) }}",
    "str.format": "{{ '{0.__class__}'.format(d) }}",
    "str.format with an index": "{{ '{0[__class__]}'.format(d) }}",
    "str.format_map": "{{ '{x.__class__}'.format_map({'x': d}) }}",
    "str.format kept by a name": "{% set f = '{0.__class__}'.format %}{{ f(d) }}",
    "str.format through a filter": "{{ ['{0.__class__}']|map('format', d)|first }}",
    "str.format by item": "{{ '{0.__class__}'['format'](d) }}",
    "a format string": "{{ '%(a)s' % {'a': d} }}",
    "str.encode and translate": "{{ d.memo.translate({95: 'x'}) }}",
    "the globals of a method": "{{ d.memo.upper.__globals__ }}",
    "the owner of a method": "{{ d.memo.upper.__self__ }}",
    "the globals of lipsum": "{{ lipsum.__globals__.os.popen('id').read() }}",
    "cycler's init": "{{ cycler.__init__.__globals__.os }}",
    "joiner's init": "{{ joiner.__init__.__globals__ }}",
    "namespace's init": "{{ namespace.__init__.__globals__ }}",
    "a namespace": "{% set n = namespace(x=1) %}{{ n.x }}",
    "dict's init": "{{ dict.__init__ }}",
    "range": "{{ range(10**9) }}",
    "self": "{{ self.__init__.__globals__.__builtins__ }}",
    "self's context": "{{ self._TemplateReference__context }}",
    "the loop's iterator": "{% for x in d.lines %}{{ loop._iterator.gi_frame.f_globals }}{% endfor %}",
    "the loop's class": "{% for x in d.lines %}{{ loop.__class__ }}{% endfor %}",
    "a macro's function": "{% macro m() %}{% endmacro %}{{ m._func.__globals__ }}",
    "a macro's environment": "{% macro m() %}{% endmacro %}{{ m._environment }}",
    "a macro's caller": "{% macro m() %}{{ caller() }}{% endmacro %}{{ m() }}",
    "an undefined's frame": "{{ nothing._undefined_exception.__init__ }}",
    "request and config": "{{ config.items() }}{{ request.application }}",
    "builtins": "{{ __builtins__.open('/etc/passwd').read() }}",
    "import by name": "{{ __import__('os').system('id') }}",
    "a struct's own parts": "{{ d.__struct_fields__ }}",
    "a struct's encoder": "{{ d.__reduce__() }}",
    "setting a field": "{% set d.memo = 'x' %}",
    "a call block": "{% call d.memo.upper() %}{% endcall %}",
    "a filter block": "{% filter upper %}x{% endfilter %}",
    "a set block": "{% set x %}y{% endset %}",
    "extends": "{% extends 'invoice_add.xml.j2' %}",
    "a block": "{% block x %}{% endblock %}",
    "do": "{% do d.lines.append(1) %}",
    "debug": "{% debug %}",
    "changing a list": "{{ d.lines.append(1) }}",
    "changing a dict": "{{ {'a': 1}.update(b=2) }}",
    "popping": "{{ [1].pop() }}",
    "clearing": "{% set l = [1] %}{{ l.clear() }}",
    "spreading arguments": "{% macro m() %}{% endmacro %}{{ m(*d.lines) }}",
    "a file by its path": "{% include '../../etc/passwd' %}",
    "a file from the root": "{% include '/etc/passwd' %}",
    "a file of Windows": r"{% include '..\\..\\win.ini' %}",
    "another merchant's template": "{% include 'elm/sales_receipt_add.xml.j2' %}",
    "a name nobody chose": "{% include d.memo %}",
    "a list of names": "{% include ['/etc/passwd', 'x'] %}",
    "importing a path": "{% import '../x' as x %}",
    "importing from a path": "{% from '/etc/passwd' import x %}",
    "markup of no macro": "{{ '<Amount>1</Amount>'|safe }}",
    "a method as text": "{{ d.memo.upper }}",
    "a value as text": "{{ d.lines }}",
    "a keyword of Python": "{{ d.class }}",
}
#: The same for what would take for ever, or all memory.
BOMBS = {
    "a power": "{{ 10 ** 10 ** 10 }}",
    "a product of text": "{{ 'a' * 10 ** 9 }}",
    "a product of lists": "{{ ([1] * 10 ** 9)|length }}",
    "a width": "{{ '%999999999d' % 1 }}",
    "a width in format": "{{ '{:>999999999}'.format(1) }}",
    "a width of a method": "{{ 'a'.ljust(999999999) }}",
    "the center filter": "{{ 'a'|center(999999999) }}",
    "the indent filter": "{{ 'a'|indent(999999999) }}",
    "the batch filter": "{{ 'a'|batch(999999999, 'x')|list }}",
    "lipsum": "{{ lipsum(n=10**9) }}",
    "text doubled with ~": "{% set x = 'abcdefgh' %}" + "{% set x = x ~ x %}" * 40 + "{{ x }}",
    "text doubled with +": "{% set x = 'abcdefgh' %}" + "{% set x = x + x %}" * 40 + "{{ x }}",
    "lists doubled with +": "{% set x = [1] %}" + "{% set x = x + x %}" * 40 + "{{ x|length }}",
    "text replaced by longer": "{% set x = 'aaaaaaaaaa' %}" + "{% set x = x|replace('a', x) %}" * 9 + "{{ x }}",
    "nothing replaced": "{{ d.memo|replace('', d.memo) }}",
    "text joined by longer": "{% set x = 'aaaaaaaaaa' %}" + "{% set x = x|join(x) %}" * 9 + "{{ x }}",
    "text doubled by macros": "{% macro t(x) %}{{ x }}{{ x }}{% endmacro %}{% set x = 'abcdefgh' %}"
    + "{% macro u(x) %}{% set y = t(x) %}{{ t(y) }}{{ t(y) }}{% endmacro %}"
    + "{% macro v(x) %}" + "{% set x = u(x) %}" * 12 + "{{ x }}{% endmacro %}{{ v(x) }}",
    "loops in loops": "{% set x = 'abcdefghijklmnopqrstuvwxyz' %}"
    + "".join(f"{{% for a{n} in x %}}" for n in range(10)) + "{% endfor %}" * 10,
    "loops in loops that write": "{% set x = 'abcdefghijklmnopqrstuvwxyz' %}"
    + "".join(f"{{% for a{n} in x %}}" for n in range(5)) + "y" * 2000 + "{% endfor %}" * 5,
    "a macro that calls itself": "{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}",
    "a macro that calls itself twice": "{% macro m(n) %}{% if n %}{{ m(n - 1) }}{{ m(n - 1) }}{% endif %}{% endmacro %}{{ m(35) }}",
    "two macros in turns": "{% macro a() %}{{ b() }}{% endmacro %}{% macro b() %}{{ a() }}{% endmacro %}{{ a() }}",
    "a template that includes itself": "{% include 'sales_receipt_add.xml.j2' %}",
    "a template that imports itself": "{% import 'sales_receipt_add.xml.j2' as x %}",
    "a loop that calls itself": "{% for x in d.lines recursive %}{{ loop(d.lines) }}{% endfor %}",
    "brackets in brackets": "{{ " + "(" * 3000 + "1" + ")" * 3000 + " }}",
    "lists in lists": "{{ " + "[" * 3000 + "]" * 3000 + " }}",
    "not not not": "{{ " + "not " * 5000 + "1 }}",
    "a long sum": "{{ " + "1 + " * 5000 + "1 }}",
    "ifs in ifs": "{% if 1 %}" * 200 + "{% endif %}" * 200,
    "loops too deep for Python": "{% for x in d.lines %}" * 25 + "{% endfor %}" * 25,
    "a template too long": "<!-- " + "x" * 200_000 + " -->",
    "a number too long": "{{ " + "9" * 20_000 + " }}",
}  # fmt: skip
LINE = 1 + SOURCES[NAME].split("<TxnDate>")[0].count("\n")


def refused(written: str) -> TemplateBroken:
    source = SOURCES[NAME].replace("<TxnDate>", f"{written}\n<TxnDate>")
    others = {"elm/sales_receipt_add.xml.j2": "<Elm/>", f"oak-ember/{NAME}": source}
    renderer = Renderer(SOURCES | others, SCHEMA, proven=SOURCES)
    with pytest.raises(TemplateBroken) as caught:
        renderer.render(RECEIPT, request_id="r1", merchant="oak-ember")
    return caught.value


@pytest.mark.parametrize("trick", REACHING, ids=str)
def test_nothing_is_reached_from_a_template(trick):
    broken = refused(REACHING[trick])
    place = re.fullmatch(rf"templates/oak-ember/{re.escape(NAME)}:(\d+)", broken.where)
    assert place is not None, broken.where
    assert int(place[1]) == LINE
    for leak in (" 0x", "<class", "root:", "/usr/", "Traceback", "module"):
        assert leak not in broken.what


@pytest.mark.parametrize("bomb", BOMBS, ids=str)
def test_no_template_goes_on_for_ever(bomb):
    began, most = time.process_time(), resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    broken = refused(BOMBS[bomb])
    place = re.fullmatch(rf"templates/oak-ember/{re.escape(NAME)}:(\d+)", broken.where)
    assert place is not None, broken.where
    assert int(place[1]) in ((1,) if bomb == "a template too long" else (LINE, *range(1, 8)))
    # Work and memory, not the clock: a busy machine fails nothing.
    assert time.process_time() - began < 30
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - most < 200_000


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("<FullName>{{ line.item_ref }}", "<FullName><?b?>Evil"),
        ("<FullName>{{ line.item_ref }}", "<FullName>{{ line.item_ref }}<?b?>Evil"),
        ("<Amount>{{ line.amount }}", "<Amount>{{ line.amount }}<?b x?>1"),
        ("{{ d.memo }}", "{{ d.memo }}<?b?> and more"),
        ("<SalesReceiptAddRq", "<?b?><SalesReceiptAddRq"),
        ("</SalesReceiptAddRq>", "</SalesReceiptAddRq><?b?>"),
        ("<Amount>{{ line.amount }}", "<Amount>{{ line.amount }}<?b"),
    ],
)
def test_processing_instructions_hide_nothing_from_the_second_reading(old, new):
    assert old in SOURCES[NAME]
    renderer = Renderer(SOURCES | {NAME: SOURCES[NAME].replace(old, new)}, SCHEMA, proven=SOURCES)
    (fault,) = renderer.render(RECEIPT, request_id="r1").faults
    assert "processing instruction" in fault.sentence
    assert fault.where.startswith(f"templates/{NAME}:")


def test_a_comment_hides_nothing_from_the_second_reading():
    name = "<FullName>{{ line.item_ref }}"
    for new in ("<FullName><!-- b -->Evil", f"{name}<!-- b -->Evil"):
        renderer = Renderer(SOURCES | {NAME: SOURCES[NAME].replace(name, new)}, SCHEMA, proven=SOURCES)
        assert "the template writes ItemRef" in renderer.render(RECEIPT, request_id="r1").faults[0].sentence


def test_the_names_a_template_has_are_its_document_and_nothing_else():
    for name in (
        "range",
        "dict",
        "lipsum",
        "cycler",
        "joiner",
        "namespace",
        "request",
        "config",
        "environment",
    ):
        assert refused(f"{{{{ {name} }}}}").what == f"'{name}' is undefined"
