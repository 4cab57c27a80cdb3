"""A merchant's own templates: what they may write, what is told of it, and what they may never change."""

from __future__ import annotations

import dataclasses
import re
from datetime import UTC, datetime

import pytest
from jinja2.parser import Parser
from lxml import etree
from qbxml_samples import fullest, smallest, sources

from qbconsole.books.documents import (
    AppliedTo,
    Check,
    CreditMemo,
    Deposit,
    Invoice,
    Memo,
    ReceivePayment,
    SalesLine,
    SalesReceipt,
)
from qbconsole.books.documents.journal_entry import JournalEntry
from qbconsole.books.documents.list_entries import Customer
from qbconsole.errors import TemplateBroken
from qbconsole.money import Money
from qbconsole.qbxml.render import Renderer, entry_name, fill, slot_token
from qbconsole.qbxml.schema import shipped_schema
from qbconsole.qbxml.templating import TEMPLATE_API, facts_of
from qbconsole.qbxml.templating.facts import OrderFacts
from qbconsole.qbxml.templating.heads import api_of
from qbconsole.shop.bag import Bag
from qbconsole.shop.orders import Buyer, Order, OrderLine, ShippingLine, Shop

SOURCES = sources()
SCHEMA = shipped_schema()
RECEIPT = "sales_receipt_add.xml.j2"
KEY = "qbc1/oak-ember/order/1/1/0"
ZERO = Bag.zero("USD", "USD")
MOMENT = datetime(2026, 3, 5, 2, tzinfo=UTC)
SHOP = Shop(
    domain="oak-ember.myshopify.com", currency="USD", timezone="America/Los_Angeles", home_currency="USD"
)
LINE = OrderLine(
    id="11",
    title="Mug",
    quantity=1,
    current_quantity=1,
    unit_price=ZERO,
    total=ZERO,
    sku="MUG",
    vendor="Clay",
)
ORDER = Order(
    id="8734", name="#1001", shop=SHOP, at=MOMENT, updated_at=MOMENT, currency="USD", presentment_currency="USD",
    total=ZERO, total_tax=None, current_total=None, note="Leave at\nthe door\x00", tags=("gift", ""),
    buyer=Buyer(name="Ann <Example> & Co", email="ann@example.com"), lines=(LINE,),
    shipping=(ShippingLine(id="1", title="Post", price=ZERO),),
)  # fmt: skip


def written(name: str, old: str, new: str, document=None, *, merchant="oak-ember", **others: str):
    """What a merchant's template writes that differs from the shipped one in this."""
    assert old in SOURCES[name]
    own = SOURCES[name].replace(old, new, 1)
    extra = {f"{merchant}/{key}.xml.j2": text for key, text in others.items()}
    renderer = Renderer(SOURCES | {f"{merchant}/{name}": own} | extra, SCHEMA, proven=SOURCES)
    document = document or dataclasses.replace(fullest(SalesReceipt), memo=Memo(text="Sale", key=KEY))
    return renderer.render(
        document, request_id="r1", merchant=merchant, facts=lambda: facts_of(ORDER, (LINE, None))
    )


def texts(fragment, path: str) -> list[str | None]:
    assert fragment.faults == ()
    return [node.text for node in etree.fromstring(fragment.text).iterfind(path)]


def test_a_fragment_names_the_template_that_wrote_it():
    own = written(RECEIPT, "<Memo>", "<Memo>Hello ")
    assert (own.template, own.shipped, len(own.sha256)) == (f"oak-ember/{RECEIPT}", False, 64)
    shipped = Renderer(SOURCES, SCHEMA, proven=SOURCES).render(smallest(SalesReceipt), request_id="r1")
    assert (shipped.template, shipped.shipped) == (RECEIPT, True)
    assert own.sha256 != shipped.sha256


def test_the_order_and_its_lines_can_be_printed():
    fragment = written(RECEIPT, "<Memo>{{ d.memo }}</Memo>", "<Memo>{{ d.order.note }}; {{ d.memo }}</Memo>")
    assert texts(fragment, ".//Memo") == [f"Leave at\nthe door; Sale [{KEY}]"]
    fragment = written(
        RECEIPT,
        "<Desc>{{ line.desc }}</Desc>",
        "<Desc>{{ line.sku|default('none') }} of {{ line.vendor }} {{ d.order.date }} {{ d.order.tags|join(',') }}</Desc>",
    )
    assert texts(fragment, ".//Desc") == ["MUG of Clay 2026-03-04 gift", "none of  2026-03-04 gift"]
    fragment = written(RECEIPT, "{{ d.other }}", "{{ d.order.customer }}")
    assert texts(fragment, ".//SalesReceiptAdd/Other") == ["Ann <Example> & Co"]


PAYMENT = "receive_payment_add.xml.j2"


@pytest.mark.parametrize(
    "txn_id",
    [
        "<TxnID><!-- paid -->{{ one.txn_id }}</TxnID>",
        "<TxnID>{{ one.txn_id }}<!-- </TxnID> --></TxnID>",
        "<TxnID><![CDATA[{{ one.txn_id }}]]></TxnID>",
        "<TxnID >{{ one.txn_id }}</TxnID\n>",
        "<!-- <TxnID>@slot:aaaaaaaaaaaaaaaaaaaa@</TxnID> --><TxnID>{{ one.txn_id }}</TxnID>",
    ],
    ids=["comment before", "comment after", "cdata", "blanks in tags", "a slot in a comment"],
)
def test_a_slot_is_found_however_a_template_writes_its_element(txn_id):
    """Else a payment would go out with our token where QuickBooks wants a TxnID, or wait for a slot nobody fills."""
    payment = smallest(ReceivePayment)
    payment = dataclasses.replace(payment, applied_to=(AppliedTo(txn_id=slot_token("invoice")),))
    line = next(row for row in SOURCES[PAYMENT].splitlines() if "<TxnID>" in row)
    name = re.search(r"{{ (\w+)\.txn_id }}", line)[1]
    fragment = written(PAYMENT, line, txn_id.replace("one.", f"{name}."), payment)
    assert (fragment.faults, fragment.slots) == ((), (slot_token("invoice"),))
    assert "<TxnID>1A-2</TxnID>" in fill(fragment.text, {slot_token("invoice"): "1A-2"})


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("<Name>{{ d.name }}</Name>", "<Name><!-- <Name>Other</Name> -->{{ d.name }}</Name>"),
        ("<Name>{{ d.name }}</Name>", "<Name><![CDATA[{{ d.name }}]]></Name>"),
        ("<ParentRef><FullName>", "<ParentRef>\n  <FullName>"),
        (
            "<ParentRef>",
            "<!-- <Name>Other</Name> <ParentRef><FullName>Me</FullName></ParentRef> --><ParentRef >",
        ),
    ],
    ids=["comment", "cdata", "line break", "parent in a comment"],
)
def test_an_entrys_name_is_read_however_a_template_writes_it(old, new):
    customer = Customer(name="Ann", parent_ref="Wholesale")
    fragment = written("customer_add.xml.j2", old, new, customer)
    assert (fragment.faults, entry_name(fragment.text)) == ((), "Wholesale:Ann")


def test_a_second_request_is_refused_even_where_words_were_cut():
    fragment = written(RECEIPT, "</SalesReceiptAddRq>", "</SalesReceiptAddRq><!-- --><HostQueryRq/>")
    assert "2 requests" in fragment.faults[0].sentence


def test_a_comment_splits_no_amount():
    fragment = written(RECEIPT, "{{ line.amount }}", "{{ line.amount }}<!-- -->1")
    assert "Amount" in fragment.faults[0].sentence


def test_what_no_order_is_behind_has_empty_facts():
    own = SOURCES["deposit_add.xml.j2"].replace("<Memo>", "<Memo>{{ d.order.note }}{{ d.order.tags|join }}")
    renderer = Renderer(SOURCES | {"deposit_add.xml.j2": own}, SCHEMA, proven=SOURCES)
    assert renderer.render(fullest(Deposit), request_id="r1").faults == ()


def test_what_the_shop_did_not_tell_is_none():
    bare = dataclasses.replace(ORDER, note="", tags=(), buyer=Buyer(), shipping=())
    found = facts_of(bare, ()).order
    assert found == OrderFacts(name="#1001", id="8734", date="2026-03-04")


def test_words_a_template_adds_are_fitted_and_every_loss_is_told():
    fragment = written(RECEIPT, "{{ d.other }}", "{{ d.order.note }} and mind the dog, please: 你好")
    (other,) = texts(fragment, ".//SalesReceiptAdd/Other")
    assert other == "Leave at the door and mind th"
    assert [(loss.path, loss.after) for loss in fragment.losses] == [("SalesReceiptAdd/Other", other)]
    assert "cut from" in fragment.losses[0].what
    long = "x" * 5000
    fragment = written(RECEIPT, "<Memo>", f"<Memo>{long} ")
    (memo,) = texts(fragment, ".//Memo")
    assert len(memo or "") == 4095
    assert (memo or "").endswith(f"x [{KEY}]"), "the key is never cut"
    assert fragment.text.isascii()


@pytest.mark.parametrize("name", ["Colour", "Gift note"])
def test_custom_fields_people_see_may_be_filled_on_lines(name):
    field = f"<DataExt><OwnerID>0</OwnerID><DataExtName>{name}</DataExtName><DataExtValue>{{{{ d.order.note }}}} {'y' * 40}</DataExtValue></DataExt>"
    fragment = written(RECEIPT, "</SalesReceiptLineAdd>", f"{field}\n</SalesReceiptLineAdd>")
    found = texts(fragment, ".//SalesReceiptLineAdd/DataExt/DataExtValue")
    assert f"Leave at the door {'y' * 12}" in found, "thirty characters"
    assert any(loss.path.endswith("DataExt/DataExtValue") for loss in fragment.losses)


def test_private_fields_are_not_a_templates():
    field = "<DataExt><OwnerID>{3f2504e0-4f89-11d3-9a0c-0305e82c3301}</OwnerID><DataExtName>x</DataExtName><DataExtValue>y</DataExtValue></DataExt>"
    (fault,) = written(RECEIPT, "</SalesReceiptLineAdd>", f"{field}</SalesReceiptLineAdd>").faults
    assert "private field" in fault.sentence


def test_templates_share_macros_and_parts_that_stand_beside_them():
    macros = "{% macro shout(text) %}{{ text|upper }}!{% endmacro %}"
    fragment = written(
        RECEIPT,
        "<Memo>{{ d.memo }}",
        "{% import '_shared.xml.j2' as m %}<Memo>{{ m.shout(d.order.name) }}{% include '_part.xml.j2' %} {{ d.memo }}",
        _shared=macros,
        _part=" {{ d.order.id }}",
    )
    assert texts(fragment, ".//Memo") == [f"#1001! 8734 Sale [{KEY}]"]


def test_the_language_is_enough_to_lay_text_out():
    source = (
        "{% set words = d.order.note.split() %}{% for w in words %}{{ loop.index }}{% if not loop.last %},{% endif %}"
        "{% endfor %} {{ words|first|upper ~ '-' ~ words[1] }} {{ 'a' if d.order.po_number is none else 'b' }} "
        "{{ d.order.customer.startswith('Ann') }} {{ d.memo[:4]|lower }} {{ words|length + 1 }} {{ d.order.note|truncate(7) }}"
    )
    fragment = written(RECEIPT, "<Memo>{{ d.memo }}", f"<Memo>{source} {{{{ d.memo }}}}")
    assert texts(fragment, ".//Memo") == [f"1,2,3,4 LEAVE-at a true sale 5 Leav... Sale [{KEY}]"]


# --- what it may never change

#: The shipped journal entry with its two kinds of lines exchanged.
SWAPPED = re.sub(
    "Journal(Debit|Credit)Line",
    lambda found: f"Journal{'Credit' if found[1] == 'Debit' else 'Debit'}Line",
    SOURCES["journal_entry_add.xml.j2"],
)
CHANGES = {
    "an amount is dropped": (RECEIPT, "<Amount>{{ line.amount }}</Amount>", "", SalesReceipt),
    "an amount is another": (RECEIPT, "<Amount>{{ line.amount }}</Amount>", "<Amount>{{ line.amount }}1</Amount>", SalesReceipt),
    "a date is another": (RECEIPT, "{{ d.txn_date }}", "2026-01-01", SalesReceipt),
    "a due date is added": (RECEIPT, "{% if d.due_date is not none %}<DueDate>{{ d.due_date }}</DueDate>{% endif %}", "<DueDate>2027-01-01</DueDate>", SalesReceipt),
    "a ship date is another": (RECEIPT, "{{ d.ship_date }}", "2027-01-01", SalesReceipt),
    "a service date is another": (RECEIPT, "{{ line.service_date }}", "2027-01-01", SalesReceipt),
    "a line is added": ("invoice_add.xml.j2", "</InvoiceAdd>", "<InvoiceLineAdd><ItemRef><FullName>Gift</FullName></ItemRef><Amount>1.00</Amount></InvoiceLineAdd></InvoiceAdd>", Invoice),
    "a line without an amount is added": ("invoice_add.xml.j2", "</InvoiceAdd>", "<InvoiceLineAdd><ItemRef><FullName>Gift</FullName></ItemRef></InvoiceLineAdd></InvoiceAdd>", Invoice),
    "a line is dropped": ("invoice_add.xml.j2", "{% for line in d.lines %}", "{% for line in d.lines[1:] %}", Invoice),
    "a line stands twice": ("credit_memo_add.xml.j2", "</CreditMemoLineAdd>", "</CreditMemoLineAdd><CreditMemoLineAdd><Amount>{{ line.amount }}</Amount></CreditMemoLineAdd>", CreditMemo),
    "the unit is another": (RECEIPT, "{% if line.rate is not none %}", "<UnitOfMeasure>dozen</UnitOfMeasure>{% if line.rate is not none %}", SalesReceipt),
    "the customer is another": ("invoice_add.xml.j2", "{{ d.customer_ref }}", "Me", Invoice),
    "the terms are another": ("invoice_add.xml.j2", "{{ d.terms_ref }}", "Net 90", Invoice),
    "the tax item is another": (RECEIPT, "{{ d.item_sales_tax_ref }}", "None", SalesReceipt),
    "the tax code is another": (RECEIPT, "{{ line.sales_tax_code_ref }}", "Tax", SalesReceipt),
    "the account is another": (RECEIPT, "{{ d.deposit_to_account_ref }}", "Mine", SalesReceipt),
    "the item is another": (RECEIPT, "{{ line.item_ref }}", "Other", SalesReceipt),
    "the number is another": (RECEIPT, "{{ d.ref_number }}", "9", SalesReceipt),
    "the guid is dropped": (RECEIPT, "<ExternalGUID>{{ d.external_guid }}</ExternalGUID>", "", SalesReceipt),
    "the guid is another": (RECEIPT, "{{ d.external_guid }}", "{3f2504e0-4f89-11d3-9a0c-0305e82c3301}", SalesReceipt),
    "the payment method is another": (RECEIPT, "{{ d.payment_method_ref }}", "Cash", SalesReceipt),
    "the rate of exchange is another": (RECEIPT, "{{ d.exchange_rate }}", "2", SalesReceipt),
    "it is made pending": (RECEIPT, "{{ d.is_pending }}", "false", SalesReceipt),
    "debits and credits are swapped": ("journal_entry_add.xml.j2", "{% for line in d.debits %}", "{% for line in d.credits[1:] %}", JournalEntry),
    "debits are written as credits": ("journal_entry_add.xml.j2", SOURCES["journal_entry_add.xml.j2"], SWAPPED, JournalEntry),
    "the payee is another": ("check_add.xml.j2", "{{ d.payee_entity_ref }}", "Me", Check),
    "it applies itself": ("receive_payment_add.xml.j2", "{% for applied in d.applied_to %}", "{% for applied in d.applied_to[1:] %}", ReceivePayment),
    "less is asked for in return": (RECEIPT, "{% for name in d.include_ret_elements %}<IncludeRetElement>{{ name }}</IncludeRetElement>{% endfor %}", "<IncludeRetElement>Memo</IncludeRetElement>", SalesReceipt),
    "a customer's name is another": ("customer_add.xml.j2", "<Name>{{ d.name }}</Name>", "<Name>Me</Name>", Customer),
    "a customer's balance is opened": ("customer_add.xml.j2", "</CustomerAdd>", "<OpenBalance>5.00</OpenBalance></CustomerAdd>", Customer),
}  # fmt: skip


@pytest.mark.parametrize("what", CHANGES, ids=str)
def test_a_template_never_changes_what_counts(what):
    name, old, new, kind = CHANGES[what]
    assert old in SOURCES[name], "the shipped template has another text now"
    renderer = Renderer(SOURCES | {name: SOURCES[name].replace(old, new)}, SCHEMA, proven=SOURCES)
    fragment = renderer.render(fullest(kind), request_id="r1", include_ret_elements=("TxnID",))
    assert fragment.faults != ()
    assert all(re.fullmatch(rf"templates/{re.escape(name)}:\d+", fault.where) for fault in fragment.faults)


def test_two_amounts_that_are_swapped_are_seen():
    lines = tuple(SalesLine(item_ref="SKU-1", amount=Money.of(text, "USD")) for text in ("1", "2"))
    receipt = dataclasses.replace(fullest(SalesReceipt), lines=lines)
    fragment = written(RECEIPT, "{{ line.amount }}", "{{ d.lines[1 - loop.index0].amount }}", receipt)
    (fault,) = fragment.faults
    assert fault.sentence == "the template writes Amount 2.00; the document says 1.00"


# --- the head


@pytest.mark.parametrize("name", sorted(SOURCES))
def test_every_shipped_template_says_its_api(name):
    assert api_of(SOURCES[name]) == TEMPLATE_API


def test_a_template_of_another_api_is_refused_at_the_line_that_says_so():
    with pytest.raises(TemplateBroken) as caught:
        written(RECEIPT, f"template API {TEMPLATE_API}", f"template API {TEMPLATE_API + 1}")
    assert caught.value.where == f"templates/oak-ember/{RECEIPT}:4"
    assert "update qbconsole" in caught.value.what
    assert api_of("<A/>{# template API 9 #}") is None, "only the head says it"


@pytest.mark.parametrize("text", ["", "\n", "{# nothing of it is left #}", "<!-- later -->"])
def test_a_template_that_writes_no_request_is_told(text):
    own = Renderer({**SOURCES, f"oak-ember/{RECEIPT}": text}, SCHEMA, proven=SOURCES)
    fragment = own.render(smallest(SalesReceipt), request_id="7", merchant="oak-ember")
    assert [(fault.line, fault.sentence) for fault in fragment.faults] == [
        (1, "the template writes no request, not one SalesReceiptAddRq")
    ]


def test_a_template_that_cannot_be_read_is_parsed_once_and_told_for_every_document(monkeypatch):
    parsed = []
    monkeypatch.setattr(
        "qbconsole.qbxml.templating.compiling.Parser",
        lambda *given: parsed.append(given) or Parser(*given),
    )
    broken = SOURCES[RECEIPT].replace("{% endfor %}", "", 1) + "{# once #}"
    own = Renderer({**SOURCES, f"oak-ember/{RECEIPT}": broken}, SCHEMA, proven=SOURCES)
    told = []
    for _ in range(3):
        with pytest.raises(TemplateBroken) as caught:
            own.render(smallest(SalesReceipt), request_id="7", merchant="oak-ember")
        told.append((caught.value.what, caught.value.where))
    assert told[0] == told[1] == told[2]
    assert told[0][1].startswith(f"templates/oak-ember/{RECEIPT}:")
    assert len(parsed) == 1
