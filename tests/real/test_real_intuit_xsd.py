"""requests.xsd against Intuit's own XSDs 13.0 and 16.0: the same verdict on everything we may send.

Whatever either of Intuit's refuses, ours refuses. Whatever both accept, ours accepts too, except what it leaves
out on purpose. Intuit's files lie outside the repository; where they are absent these tests are skipped.
"""

from __future__ import annotations

import copy
import importlib.util
import re
import sys
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from lxml import etree

sys.path.append(str(Path(__file__).parents[1] / "qbxml"))  # the examples live beside the templates' own tests
from qbxml_samples import all_requests, examples, sources

from qbconsole.qbxml.envelope import envelope
from qbconsole.qbxml.render import Renderer
from qbconsole.qbxml.schema import shipped_schema

ROOT = Path(__file__).parents[2]
SHARED = ROOT / "../shared/reference"
LOADER = SHARED / "qbxml-xsd/load_qbxsd.py"
OURS = ROOT / "qbconsole/qbxml/requests.xsd"
XS = "{http://www.w3.org/2001/XMLSchema}"
GUID = "{5f0c0b3e-8c1e-5a53-9d2c-0a8f3c1d2e4f}"
#: No request of its own takes it, and an answer that is empty cannot be trimmed.
UNTRIMMED = {"DataExtAdd", "DataExtMod", "TxnVoid", "TxnDel"}
VALUES = {
    "Amount": "1.00",
    "Price": "1.5",
    "Quantity": "2",
    "Percent": "8.25",
    "Factor": "1.1",
    "Whole": "3",
    "AtLeastOne": "3",
    "YesNo": "true",
    "Date": "2026-03-04",
    "Moment": "2026-03-04T05:06:07",
    "Guid": GUID,
    "Id": "80000001-1",
}
WRONG = ("", "20.0", "20.005", "1,000.00", "$5", "1E+2", "+5", "-5.25", "12345678901234", "0.123456", "NaN")
WRONG += ("true", "yes", "2026-02-30", "2026-3-4", "today", "0", "{0}", "Bogus", " ", "é", "<", "\n")

pytestmark = pytest.mark.skipif(not LOADER.exists(), reason="Intuit's XSDs are not on this machine")


@cache
def intuit(version: str) -> etree.XMLSchema:
    spec = importlib.util.spec_from_file_location("load_qbxsd", LOADER)
    assert spec is not None
    assert spec.loader is not None
    loader = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(loader)
    return loader.load(version)


@cache
def ours() -> etree.XMLSchema:
    return etree.XMLSchema(etree.parse(OURS))


@cache
def facts() -> Any:
    return shipped_schema()


@cache
def renderer() -> Renderer:
    return Renderer(sources(), facts())


@cache
def types() -> dict[str, etree._Element]:
    return {node.get("name"): node for node in etree.parse(OURS).getroot() if node.get("name")}


def verdicts(tree: etree._Element) -> tuple[bool, bool]:
    """Ours, and whether both of Intuit's accept."""
    return ours().validate(tree), intuit("130").validate(tree) and intuit("160").validate(tree)


def rendered(document: Any) -> etree._Element:
    wanted = () if document.request in UNTRIMMED else ("TxnID", "EditSequence")
    fragment = renderer().render(document, request_id="r1", include_ret_elements=wanted)
    assert fragment.faults == ()
    return etree.fromstring(envelope([fragment.text], version="13.0").encode())


def grown(request: str, turn: int) -> etree._Element:
    """A document with every element requests.xsd allows in a request, each choice at its `turn`-th way."""
    root = etree.Element("QBXML")
    messages = etree.SubElement(root, "QBXMLMsgsRq", onError="stopOnError")
    declared = next(
        node for node in types()["Requests"].iter(f"{XS}element") if node.get("name") == f"{request}Rq"
    )
    _grow_element(messages, declared, turn)
    return root


def _grow_element(above: etree._Element, declared: etree._Element, turn: int) -> None:
    node = etree.SubElement(above, declared.get("name", ""))
    own = declared.find(f"{XS}complexType")
    kind = own if own is not None else types().get(declared.get("type", ""))
    if kind is not None and kind.tag == f"{XS}complexType":
        _grow(node, kind, turn)
    else:
        node.text = _sample(declared.get("type", ""), kind)


def _sample(name: str, kind: etree._Element | None) -> str:
    if name in VALUES:
        return VALUES[name]
    if kind is not None and (union := kind.find(f"{XS}union")) is not None:
        first = union.get("memberTypes", "").split()[0]
        return _sample(first, types()[first])
    choice = kind.find(f"{XS}restriction/{XS}enumeration") if kind is not None else None
    return choice.get("value", "") if choice is not None else "Ab"


def _grow(node: etree._Element, model: etree._Element, turn: int) -> None:
    groups = {each.get("name"): each for each in model.getroottree().getroot().iterfind(f"{XS}group")}
    for part in model.iterchildren(f"{XS}sequence", f"{XS}choice", f"{XS}element", f"{XS}group"):
        if part.tag == f"{XS}element":
            _grow_element(node, part, turn)
        elif part.tag == f"{XS}group":
            _grow(node, groups[part.get("ref")], turn)
        elif part.tag == f"{XS}choice":
            ways = list(part.iterchildren(f"{XS}sequence", f"{XS}element", f"{XS}group"))
            holder = etree.Element("choice")
            holder.append(copy.deepcopy(ways[turn % len(ways)]))
            model.getroottree().getroot().append(holder)  # so that its groups and types are found
            _grow(node, holder, turn)
            model.getroottree().getroot().remove(holder)
        else:
            _grow(node, part, turn)


def mutants(
    tree: etree._Element, *, texts: bool
) -> Iterator[tuple[str, Callable[[], None], Callable[[], None]]]:
    """Every small mistake a template, or we, could make: what it is, how to make it, how to undo it."""
    seen = set()
    for node in list(tree[0].iterdescendants()):
        above = node.getparent()
        path = tree.getroottree().getpath(node)
        place = re.sub(r"\[\d+\]", "", path)
        if place in seen:
            continue  # a second line is no other case than the first
        seen.add(place)
        where = f"{above.tag}/{node.tag}"
        at = above.index(node)
        twin, stranger = copy.deepcopy(node), etree.Element("Bogus")
        following = node.getnext()

        def undo(above: etree._Element = above, now: list[etree._Element] = list(above)) -> None:  # noqa: B006
            above[:] = now

        yield f"{where} left out", lambda above=above, node=node: above.remove(node), undo
        yield f"{where} twice", lambda above=above, at=at, twin=twin: above.insert(at, twin), undo
        yield f"Bogus before {where}", lambda above=above, at=at, new=stranger: above.insert(at, new), undo
        if following is not None and following.tag != node.tag:
            yield (
                f"{where} and {following.tag} swapped",
                lambda above=above, at=at, other=following: above.insert(at, other),
                undo,
            )
        if at > 1:
            yield f"{where} first", lambda above=above, node=node: above.insert(0, node), undo
            yield f"{where} last", lambda above=above, node=node: above.append(node), undo
        yield from _renamed(node, where)
        if texts and not len(node):
            yield from _rewritten(node, where)


def _renamed(
    node: etree._Element, where: str
) -> Iterator[tuple[str, Callable[[], None], Callable[[], None]]]:
    name = node.tag
    for other in ("Bogus", name.lower(), f"{name}Add", "FullName"):
        yield (
            f"{where} called {other}",
            lambda n=node, o=other: setattr(n, "tag", o),
            lambda n=node, o=name: setattr(n, "tag", o),
        )


def _rewritten(
    node: etree._Element, where: str
) -> Iterator[tuple[str, Callable[[], None], Callable[[], None]]]:
    text = node.text
    path = "/".join(reversed([node.tag, *(str(each.tag) for each in node.iterancestors())])).split("/")[2:]
    request = path[0].removesuffix("Rq")
    inner = "/".join(path[2:] if len(path) > 2 and path[1] == request else path[1:])
    field = facts().fields.get((request, inner))
    tries = list(WRONG)
    if field is not None and field.limit is not None:
        tries += ["x" * field.limit, "x" * (field.limit + 1), "é" * field.limit, "é" * (field.limit + 1)]
    else:
        tries.append("x" * 5000)
    if field is not None and field.kind == "Moment":
        # On paper a moment may be empty, a bare day, or none at all (30 February); we write whole ones only.
        tries = [each for each in tries if each.strip() and each not in ("2026-02-30", "2026-3-4")]
    for new in tries:
        yield (
            f"{where} = {new[:20]!r} ({len(new)})",
            lambda n=node, t=new: setattr(n, "text", t),
            lambda n=node, t=text: setattr(n, "text", t),
        )


def differences(tree: etree._Element, *, texts: bool) -> list[str]:
    before = etree.tostring(tree)
    found = []
    for what, make, undo in mutants(tree, texts=texts):
        make()
        mine, theirs = verdicts(tree)
        undo()
        if mine != theirs:
            found.append(f"{what}: {'only we accept' if mine else 'only Intuit accepts'} it")
    assert etree.tostring(tree) == before
    return found


@pytest.mark.parametrize("kind", all_requests(), ids=lambda kind: kind.__name__)
def test_every_template_from_smallest_to_fullest_is_what_intuit_accepts(kind):
    for document in examples(kind):
        assert verdicts(rendered(document)) == (True, True)


@pytest.mark.parametrize("kind", all_requests(), ids=lambda kind: kind.__name__)
def test_every_mutation_of_a_template_gets_intuits_verdict(kind):
    smallest, fullest = examples(kind)[:2]
    assert differences(rendered(smallest), texts=False) == []
    assert differences(rendered(fullest), texts=True) == []


@pytest.mark.parametrize("request_name", sorted(facts().requests))
def test_every_element_of_requests_xsd_stands_where_intuit_has_it(request_name):
    for turn in range(4):
        assert verdicts(grown(request_name, turn)) == (True, True)


@pytest.mark.parametrize("request_name", sorted(facts().requests))
def test_every_mutation_of_a_full_request_gets_intuits_verdict(request_name):
    has_template = request_name in {kind.request for kind in all_requests()}
    assert differences(grown(request_name, 0), texts=not has_template) == []


def test_a_request_id_and_message_set_ids_are_limited_although_intuits_xsd_does_not():
    for attribute, limit in (("newMessageSetID", 24), ("oldMessageSetID", 24)):
        fits = f'<QBXML><QBXMLMsgsRq onError="stopOnError" {attribute}="{"x" * limit}"/></QBXML>'
        assert facts().check_document(fits) == []
        assert facts().check_document(fits.replace('="x', '="xx')) != []
    assert facts().check(f'<HostQueryRq requestID="{"x" * 50}"/>')[0] == []
    assert facts().check(f'<HostQueryRq requestID="{"x" * 51}"/>')[0] != []


def forbidden() -> list[tuple[str, str]]:
    """Aggregates and the fields of theirs that US desktop refuses, as the protocol notes mark them."""
    notes = SHARED / "qbwc-protocol.md"
    if not notes.exists():
        return []
    section = notes.read_text("utf-8").partition("## 18.")[2].partition("## 19.")[0]
    entries = re.findall(r"^\*\*(\w+)\*\*: (.+)$", section, re.MULTILINE)
    return sorted({(name, field) for name, text in entries for field in re.findall(r"✗(\w+)", text)})


@cache
def homes() -> dict[str, etree._Element]:
    """A full request of ours around each aggregate, by the aggregate's name."""
    found: dict[str, etree._Element] = {}
    for request in sorted(facts().requests):
        for turn in range(2):
            tree = grown(request, turn)
            for node in tree.iter():
                if len(node):
                    found.setdefault(node.tag, tree)
    return found


def test_the_marks_are_found_in_the_protocol_notes():
    assert len(forbidden()) > 40


@pytest.mark.parametrize(("aggregate", "field"), forbidden(), ids="/".join)
def test_a_field_us_desktop_refuses_is_refused_by_us_wherever_it_stands(aggregate, field):
    tree = homes().get(aggregate)
    if tree is None:
        assert aggregate.endswith("Mod") or aggregate == "CreditCardChargeAdd"  # never sent at all
        return
    home = tree.find(f".//{aggregate}")
    accepted = 0
    for content in (
        "1.00",
        "true",
        "x",
        "<FullName>x</FullName>",
        "US",
        "Print",
        "Monthly",
        "Checking",
        "30",
    ):
        for at in range(len(home) + 1):
            intruder = etree.fromstring(f"<{field}>{content}</{field}>")
            home.insert(at, intruder)
            accepted += intuit("130").validate(tree)
            assert not ours().validate(tree)
            home.remove(intruder)
    if field not in {
        "DiscountLineAdd",
        "SalesTaxLineAdd",
        "ShippingLineAdd",
        "TxnLineDetail",
    }:  # parts of their own
        assert accepted, "nobody accepts it: the test proves nothing"
