"""Every hook: asked with the values it promises, answered first by the merchant's plugin, documented."""

from __future__ import annotations

import ast
import inspect
import re
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

import qbconsole.plugin
from qbconsole.books.answers import Answers
from qbconsole.books.holds import Reason
from qbconsole.books.plan import DocumentKind
from qbconsole.errors import PluginBroken
from qbconsole.rules import hookspecs
from qbconsole.rules.asking import Asking
from qbconsole.rules.registry import hook_arguments, load_plugins
from qbconsole.shop.events import EventKind, FactEvent

ROOT = Path(__file__).parents[2]
IMPORTS = "from qbconsole.plugin import Hold, Reason, hookimpl\n"


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """Stands for a document."""

    memo: str
    po_number: str = ""


def asking(world, *bodies: str) -> Asking:
    """A merchant whose plugins' hooks are written as `name(arguments): expression`."""
    names = []
    for number, body in enumerate(bodies):
        head, _, expression = body.partition(": ")
        text = f"{IMPORTS}SEEN = []\n@hookimpl\ndef {head}:\n    return {expression}\n"
        names.append(world.plugin(text, f"plugin_{number}"))
    return world.asking(plugins=names)


# -- the hooks, one test each ------------------------------------------------------------------------


def test_choose_document(world):
    one = asking(world, "choose_document(order): 'Invoice' if order.buyer.company else None")
    assert one.document(world.order(buyer=world.buyer(company="Acme"))).value == "Invoice"
    assert one.document(world.order()).value == "SalesReceipt"


def test_choose_customer(world):
    one = asking(world, "choose_customer(order, channel, merchant): f'{merchant} {channel}'")
    assert one.customer(world.order(source="pos")).value == "oak POS"


def test_choose_vendor(world):
    one = asking(world, "choose_vendor(vendor, day): f'{vendor} {day}'")
    assert one.on(date(2026, 5, 2)).vendor("Acme").value == "Acme 2026-05-02"


def test_choose_item(world):
    one = asking(
        world,
        "choose_item(line, sale_line, role): sale_line and f'{role} {sale_line.sku} {line.amount.text()}'",
    )
    assert one.item(world.line(), world.order()).value == "sales_income MUG-1 10.00"
    assert one.item(world.line(line_id="gone"), world.order()).value == "Shopify misc"


def test_choose_account(world):
    one = asking(
        world,
        "choose_account(role, line, order): 'Cash Leeds' if role == 'clearing:cash' and order and not line else None",
    )
    assert one.account("clearing:cash", None, world.order()).value == "Cash Leeds"
    assert one.account("clearing:cash", None, None) is None


def test_choose_class(world):
    one = asking(world, "choose_class(line, order, day): f'{day}' if line is None else 'Line'")
    assert one.class_(None, world.order()).value == "2026-05-01"
    assert one.class_(world.line(), world.order()).value == "Line"
    assert one.on(date(2026, 6, 1)).class_(None, world.order()).value == "2026-06-01"


def test_choose_tax(world):
    one = asking(world, "choose_tax(title): title.upper()")
    assert one.tax_item(world.tax("ca tax"), world.order()).value == "CA TAX"


def test_choose_payment_method(world):
    one = asking(world, "choose_payment_method(gateway): gateway.title()")
    assert one.payment_method("paypal", world.order()).value == "Paypal"


def test_choose_field(world):
    one = asking(world, "choose_field(field, kind, order, day): f'{field} {kind} {day:%d}'[:30]")
    found = one.field("memo", world.order(), DocumentKind.INVOICE)
    assert (found.value, found.by.hook) == ("memo Invoice 01", "choose_field")


def test_hold_event(world):
    one = asking(
        world,
        "hold_event(event, day): f'{event.key} {day}'",
        "hold_event(order): ['a', Hold(reason=Reason.VOIDED, where='', sentence='b', next_step='c')]",
        "hold_event(): None",
    )
    holds = one.holds(world.event(), world.order())
    assert sorted(hold.sentence for hold in holds) == ["a", "b", "order/7 2026-05-01"]
    assert {(hold.reason, hold.subject) for hold in holds} == {(Reason.PLUGIN_HOLD, "order/7")}
    assert holds[0].cause == "plugin:plugin_0"
    # each plugin's is a hold of its own, so that a person may release one of them
    assert {hold.where for hold in holds} == {"order #1007, plugin_0", "order #1007, plugin_1"}


def test_hold_fact(world):
    event = FactEvent(
        key="payout/9", kind=EventKind.PAYOUT, at=datetime(2026, 5, 1, 20, tzinfo=UTC), on=date(2026, 5, 1)
    )
    one = asking(
        world,
        "hold_fact(fact, event, day, merchant): f'{fact} {event.key} {day} {merchant}'",
        "hold_fact(): None",
    )
    (hold,) = one.fact_holds(event, "a payout", "payout 9")
    assert (hold.sentence, hold.where) == ("a payout payout/9 2026-05-01 oak", "payout 9, plugin_0")
    assert (hold.reason, hold.cause) == (Reason.PLUGIN_HOLD, "plugin:plugin_0")
    assert world.asking().fact_holds(event, "a payout", "payout 9") == ()
    with pytest.raises(PluginBroken, match="hold_fact returned int"):
        asking(world, "hold_fact(): 7").fact_holds(event, "a payout", "payout 9")


def test_reasons_of_one_plugin_are_one_hold(world):
    (hold,) = asking(world, "hold_event(): ['One.', 'Two.']").holds(world.event(), world.order())
    assert hold.sentence == "One. Two."


def test_amend_document(world):
    one = asking(
        world,
        "amend_document(document): {'memo': document.memo + '!'}",
        "amend_document(document, order): type(document)(memo=document.memo, po_number=order.po_number)",
        "amend_document(document): document",
        "amend_document(): None",
    )
    document, by = one.amend(Receipt(memo="Hi"), world.order(po_number="P1"))
    assert document == Receipt(memo="Hi!", po_number="P1")
    assert [one.who for one in by] == ["plugin_0", "plugin_1"]


def test_document_recorded(world):
    one = asking(
        world, "document_recorded(document, txn_id, merchant): SEEN.append((document.memo, txn_id, merchant))"
    )
    one.recorded(Receipt(memo="Hi"), None, "1-2")
    module = one._plugins[0].module
    assert module.SEEN == [("Hi", "1-2", "oak")]


# -- the panel -----------------------------------------------------------------------------------------


def test_the_first_plugin_a_merchant_lists_is_asked_first(world):
    one = asking(world, "choose_class(): None", "choose_class(): 'Second'", "choose_class(): 'Third'")
    choice = one.class_(None, world.order())
    assert (choice.value, choice.by.silent) == ("Second", ("plugin_0",))


def test_a_plugin_marked_trylast_is_still_asked_before_the_mapping(world):
    world.plugin(f"{IMPORTS}@hookimpl(trylast=True)\ndef choose_document():\n    return 'Invoice'\n")
    assert world.asking(plugins=["oak_plugin"]).document(world.order()).value == "Invoice"


def test_without_plugins_amending_and_telling_cost_nothing(world):
    one, document = world.asking(), Receipt(memo="Hi")
    one.recorded(document, None, "1-2")
    assert one.amend(document, world.order()) == (document, ())


def test_answers_of_plugins_are_never_remembered(world):
    world.plugin(
        f"{IMPORTS}SEEN = []\n@hookimpl\ndef choose_class():\n    SEEN.append(1)\n    return str(len(SEEN))\n"
    )
    one = world.asking(plugins=["oak_plugin"])
    assert [one.class_(None, world.order()).value for _ in range(3)] == ["1", "2", "3"]


# -- the lists -----------------------------------------------------------------------------------------


def test_every_hook_has_one_sentence_no_body_and_a_mark():
    tree = ast.parse(inspect.getsource(hookspecs))
    functions = {node.name: node for node in tree.body if isinstance(node, ast.FunctionDef)}
    assert functions.keys() == hook_arguments().keys()
    for name, node in functions.items():
        sentence = ast.get_docstring(node) or ""
        assert len(node.body) == 1, name
        assert sentence.count("\n") == 0, name
        assert sentence.endswith("."), name


def test_every_hook_is_documented_with_an_example():
    text = (ROOT / "docs" / "hooks.md").read_text()
    sections = dict(re.findall(r"^## (\w+)\n(.*?)(?=^## |\Z)", text, re.DOTALL | re.MULTILINE))
    assert list(sections) == list(hook_arguments())
    for name, body in sections.items():
        assert f"@hookimpl\ndef {name}(" in body, name


def test_every_hook_is_documented_with_all_it_is_given_and_their_types():
    text = (ROOT / "docs" / "hooks.md").read_text()
    for name in hook_arguments():
        form = inspect.signature(getattr(hookspecs, name))
        given = ", ".join(f"{one.name}: {one.annotation}" for one in form.parameters.values())
        assert f"## {name}\n\n```text\n{name}({given}) -> {form.return_annotation}\n```\n" in text


def test_every_hook_is_tested():
    tests = {name.removeprefix("test_") for name in globals() if name.startswith("test_")}
    assert hook_arguments().keys() <= tests


def test_every_example_in_the_docs_can_be_loaded(world):
    text = (ROOT / "docs" / "hooks.md").read_text()
    blocks = [block for block in re.findall(r"```python\n(.*?)```", text, re.DOTALL) if "@hookimpl" in block]
    assert len(blocks) == len(hook_arguments()) + 1
    for number, block in enumerate(blocks):
        head = "from qbconsole.plugin import *\nRECORDED = []\n"
        name = world.plugin(head + block, f"example_{number}")
        assert load_plugins([name], [world.plugins])[0].hooks


def test_what_an_author_imports_is_listed_and_documented():
    module = qbconsole.plugin
    public = {name for name in vars(module) if not name.startswith("_")} - {"annotations"}
    assert sorted(module.__all__) == sorted(public)
    assert all(getattr(module, name).__doc__ for name in module.__all__ if name not in ("HOOK_API", "Event"))


def test_asking_gives_every_answer_booking_asks_for():
    for name, method in vars(Answers).items():
        if not name.startswith("_"):
            wanted = list(inspect.signature(method).parameters)
            assert list(inspect.signature(getattr(Asking, name)).parameters) == wanted, name


# -- the shipped plugin ----------------------------------------------------------------------------------


@pytest.fixture
def b2b(world) -> Asking:
    from qbconsole.rules.mapping.read import read

    plugins = load_plugins(["b2b_companies"], [_owned(world)])
    return Asking(mapping=read(world.head), merchant="oak", plugins=plugins)


def _owned(world) -> Path:
    """A copy nobody else may write, whatever the checkout's umask was."""
    world.plugin((ROOT / "plugins" / "b2b_companies.py").read_text(), "b2b_companies")
    return world.plugins


def test_business_orders_become_invoices_to_the_company(world, b2b):
    order = world.order(buyer=world.buyer(name="Ann", company="Acme: Tools"))
    assert (b2b.customer(order).value, b2b.document(order).value) == ("Acme- Tools", "Invoice")
    assert b2b.customer(world.order()).value == "Shopify Online Store"
    assert b2b.document(world.order()).value == "SalesReceipt"


def test_large_business_orders_without_a_number_wait(world, b2b):
    buyer = world.buyer(company="Acme")
    (hold,) = b2b.holds(world.event(), world.order(total="1000", buyer=buyer))
    assert hold.sentence == "#1007 for Acme, 1000.00 USD, has no purchase order number."
    assert b2b.holds(world.event(), world.order(total="1000", buyer=buyer, po_number="P1")) == ()
    assert b2b.holds(world.event(), world.order(total="999.99", buyer=buyer)) == ()


def test_no_shipped_plugin_is_enabled_by_the_shipped_mapping():
    from qbconsole.rules.mapping.read import read

    mapping = read((ROOT / "mappings.toml").read_text())
    assert all(merchant.plugins == () for merchant in mapping.merchants.values())
