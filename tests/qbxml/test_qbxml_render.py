"""Documents through templates: what they write, what they cannot change, and how their mistakes are told."""

from __future__ import annotations

import dataclasses
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree
from qbxml_samples import TEMPLATES, all_requests, examples, fullest, smallest, sources

from qbconsole.books.documents import (
    Address,
    AppliedTo,
    Bill,
    Invoice,
    ItemLine,
    LinkToTxn,
    Memo,
    ReceivePayment,
    SalesLine,
    SalesReceipt,
    SetCredit,
)
from qbconsole.books.documents.items import ItemInventory
from qbconsole.books.documents.journal_entry import JournalEntry
from qbconsole.books.documents.list_entries import Account, Customer
from qbconsole.books.documents.purchasing import line_key
from qbconsole.books.documents.questions import CustomerQuery, HostQuery, TxnVoid
from qbconsole.errors import TemplateBroken
from qbconsole.money import Money
from qbconsole.qbxml.flat import element_name, number
from qbconsole.qbxml.render import Renderer, fill, line_slot_token, slot_token, slots_of
from qbconsole.qbxml.schema import shipped_schema

KEY = "qbc1/oak-ember/order/1/1/0"
RECEIPT = SalesReceipt(
    customer_ref="Shopify web",
    txn_date=date(2026, 3, 4),
    ref_number="1001",
    bill_address=Address(addr1="Ann <Example> & Co"),
    memo=Memo(text="Shopify #1001", key=KEY),
    is_to_be_printed=False,
    lines=(
        SalesLine(item_ref="SKU-1", desc="Blue\nwidget", quantity=Decimal("2"), amount=Money.of("20", "USD")),
        SalesLine(item_ref="Discount", amount=Money.of("-8.5", "USD")),
    ),
)
SOURCES = sources()
SCHEMA = shipped_schema()
RENDERER = Renderer(SOURCES, SCHEMA)


def render(document, **options):
    return RENDERER.render(document, request_id="r1", **options)


def changed(name: str, old: str, new: str) -> Renderer:
    assert old in SOURCES[name]
    return Renderer(SOURCES | {name: SOURCES[name].replace(old, new)}, SCHEMA)


def texts(fragment, path: str) -> list[str | None]:
    return [node.text for node in etree.fromstring(fragment.text).iterfind(path)]


@pytest.mark.parametrize("kind", all_requests(), ids=lambda kind: kind.__name__)
def test_every_request_has_its_template_and_renders_what_the_schema_takes(kind):
    assert (TEMPLATES / kind.template).exists()
    assert (
        kind.template
        == "".join(f"_{c.lower()}" if c.isupper() else c for c in kind.request.replace("AR", "Ar")).lstrip(
            "_"
        )
        + ".xml.j2"
    )
    for document in examples(kind):
        fragment = render(document)
        assert fragment.faults == ()
        assert fragment.losses == ()
        assert fragment.request == kind.request


def test_every_template_belongs_to_a_request_and_says_so_in_its_head():
    wanted = {kind.template: kind for kind in all_requests()}
    assert set(SOURCES) == set(wanted)
    for name, source in SOURCES.items():
        assert source.startswith(f"{{# {wanted[name].request}: ")


@pytest.mark.parametrize("kind", all_requests(), ids=lambda kind: kind.__name__)
def test_the_fullest_example_shows_every_field_of_its_class(kind):
    shown = {
        step for document in examples(kind) for step in etree.fromstring(render(document).text).xpath("//*")
    }
    names = {node.tag for node in shown} | {name for node in shown for name in node.attrib}
    for field in dataclasses.fields(kind):
        name = getattr(kind, "elements", {}).get(field.name, element_name(field.name)).partition("/")[0]
        renamed = {"AccountTypes": "AccountType", "TxnTypes": "TxnTypeFilter", "TxnDelTypes": "TxnDelType"}
        renamed |= {
            "ListDelTypes": "ListDelType",
            "IncludeRetElements": "IncludeRetElement",
            "Iterator": "iterator",
        }
        renamed |= {"IteratorID": "iteratorID", "DetailLevel": "TransactionDetailLevelFilter"}
        renamed |= {"PostingStatus": "TransactionPostingStatusFilter"}
        assert renamed.get(name, name) in names, field.name


def test_values_are_written_as_quickbooks_wants_them():
    fragment = render(RECEIPT, include_ret_elements=("TxnID", "EditSequence"))
    assert texts(fragment, ".//Amount") == ["20.00", "-8.50"]
    assert texts(fragment, ".//TxnDate") == ["2026-03-04"]
    assert texts(fragment, ".//IsToBePrinted") == ["false"]
    assert texts(fragment, ".//Quantity") == ["2"]
    assert texts(fragment, ".//Memo") == [f"Shopify #1001 [{KEY}]"]
    assert texts(fragment, ".//Desc") == ["Blue\nwidget"]
    assert texts(fragment, ".//Addr1") == ["Ann <Example> & Co"]
    assert texts(fragment, "IncludeRetElement") == ["TxnID", "EditSequence"]
    assert fragment.text.startswith('<SalesReceiptAddRq requestID="r1">')
    assert fragment.text.endswith("</SalesReceiptAddRq>")


def test_what_is_none_is_left_out_and_what_is_empty_is_blank():
    assert "<RefNumber>" not in render(dataclasses.replace(RECEIPT, ref_number=None)).text
    assert "<RefNumber></RefNumber>" in render(dataclasses.replace(RECEIPT, ref_number="")).text


def test_letters_beyond_ascii_are_written_as_numbers():
    fragment = render(dataclasses.replace(RECEIPT, customer_ref="Café", memo=Memo(text="Łódź", key=KEY)))
    assert "Caf&#233;" in fragment.text
    assert fragment.text.isascii()
    assert [(loss.path, loss.before, loss.after) for loss in fragment.losses] == [
        ("SalesReceiptAdd/Memo", "Łódź", f"Lódz [{KEY}]")
    ]


def test_words_are_cut_and_identity_is_not():
    long = dataclasses.replace(RECEIPT, bill_address=Address(addr1="x" * 50), other="y" * 40)
    fragment = render(long)
    assert texts(fragment, ".//Addr1") == ["x" * 41]
    assert texts(fragment, ".//Other") == ["y" * 29]
    assert [loss.what for loss in fragment.losses] == [
        "cut from 50 to 41 characters",
        "cut from 40 to 29 characters",
    ]
    (fault,) = render(dataclasses.replace(RECEIPT, ref_number="123456789012")).faults
    assert fault.sentence == "RefNumber has 12 characters; QuickBooks takes 11"
    assert fault.where.startswith("templates/sales_receipt_add.xml.j2:")
    (fault,) = render(dataclasses.replace(RECEIPT, customer_ref="x" * 210)).faults
    assert fault.sentence == "FullName has 210 characters; QuickBooks takes 209"


def test_names_lose_their_colons_and_references_keep_them():
    assert texts(render(Customer(name="A:B")), ".//Name") == ["A-B"]
    assert texts(
        render(Account(name="Web", parent_ref="Sales:Shopify", account_type="Income")), ".//FullName"
    ) == ["Sales:Shopify"]


def test_a_choice_nobody_knows_is_a_fault_and_not_a_crash():
    (fault,) = render(Account(name="Web", account_type="Money")).faults
    assert fault.sentence == "AccountType is written 'Money', which QuickBooks does not take"


def test_a_currency_with_three_decimals_is_a_fault():
    line = SalesLine(item_ref="SKU-1", amount=Money.of("1.234", "KWD"))
    (fault,) = render(dataclasses.replace(RECEIPT, lines=(line,))).faults
    assert fault.sentence == "Amount is written '1.234', which QuickBooks does not take"
    line = SalesLine(item_ref="SKU-1", amount=Money.of("500", "JPY"))
    assert texts(render(dataclasses.replace(RECEIPT, lines=(line,))), ".//Amount") == ["500.00"]


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("2", "2"),
        ("1E+2", "100"),
        ("0.123455", "0.12346"),
        ("-1.5", "-1.5"),
        ("1E-7", "0.00000"),
        ("12.34500", "12.34500"),
    ],
)
def test_rates_and_counts_are_plain_with_five_decimals_at_most(value, text):
    assert number(Decimal(value)) == text


def test_a_rounded_price_is_told():
    (loss,) = render(ItemInventory(name="A", sales_price=Decimal("1.0000001"))).losses
    assert (loss.path, loss.what) == ("ItemInventoryAdd/SalesPrice", "rounded to 5 decimals")
    assert render(ItemInventory(name="A", sales_price=Decimal("1.5000000"))).losses == ()


def test_a_question_drops_the_zone_and_carries_its_iterator():
    moment = datetime(2026, 3, 4, 5, 6, 7, 890, tzinfo=UTC)
    fragment = render(
        CustomerQuery(from_modified_date=moment, iterator="Continue", iterator_id="{1}", max_returned=5),
        include_ret_elements=("Name",),
    )
    assert texts(fragment, "FromModifiedDate") == ["2026-03-04T05:06:07"]
    assert etree.fromstring(fragment.text).attrib == {
        "requestID": "r1",
        "iterator": "Continue",
        "iteratorID": "{1}",
    }
    assert texts(render(HostQuery(include_ret_elements=("ProductName",))), "IncludeRetElement") == [
        "ProductName"
    ]


def test_a_document_that_lacks_what_quickbooks_needs_is_a_fault():
    assert "lacks" in render(dataclasses.replace(RECEIPT, lines=())).faults[0].sentence


# --- slots


def payment(**changes) -> ReceivePayment:
    applied = AppliedTo(
        txn_id=slot_token("invoice"),
        payment_amount=Money.of("5", "USD"),
        set_credits=(SetCredit(credit_txn_id=slot_token("memo"), applied_amount=Money.of("1", "USD")),),
    )
    return dataclasses.replace(smallest(ReceivePayment), applied_to=(applied,), **changes)


def test_a_slot_waits_for_its_id_and_is_filled_with_it():
    fragment = render(payment())
    assert fragment.slots == (slot_token("invoice"), slot_token("memo"))
    assert fragment.faults == ()
    filled = fill(fragment.text, {slot_token("invoice"): "1A-2", slot_token("memo"): "<3>"})
    assert "<TxnID>1A-2</TxnID>" in filled
    assert "<CreditTxnID>&lt;3&gt;</CreditTxnID>" in filled
    assert slots_of(filled) == ()


def test_a_slot_that_nobody_fills_raises():
    with pytest.raises(KeyError, match="@slot:"):
        fill(render(payment()).text, {slot_token("invoice"): "1A-2"})


def test_what_refers_to_an_order_or_its_lines_waits_for_their_ids():
    received = ItemLine(
        quantity=Decimal(2),
        link_to_txn=LinkToTxn(txn_id=slot_token("order"), txn_line_id=line_slot_token("order", 2)),
    )
    bill = dataclasses.replace(
        smallest(Bill), link_to_txn_ids=(slot_token("other"),), item_lines=(received, received)
    )
    fragment = render(bill)
    assert fragment.faults == ()
    assert fragment.slots == (slot_token("other"), slot_token("order"), line_slot_token("order", 2))
    ids = {slot_token("other"): "O-1", slot_token("order"): "P-1", line_slot_token("order", 2): "P-3"}
    filled = fill(fragment.text, ids)
    assert "<LinkToTxnID>O-1</LinkToTxnID>" in filled
    assert filled.count("<LinkToTxn><TxnID>P-1</TxnID><TxnLineID>P-3</TxnLineID></LinkToTxn>") == 2
    assert slots_of(filled) == ()
    invoice = dataclasses.replace(smallest(Invoice), link_to_txn_ids=(slot_token("order"),))
    assert render(invoice).slots == (slot_token("order"),)


def test_a_line_has_a_slot_of_its_own_made_from_its_key():
    tokens = {line_slot_token("a", 1), line_slot_token("a", 2), line_slot_token("b", 1), slot_token("a")}
    assert len(tokens) == 4
    assert line_slot_token("a", 1) == slot_token(line_key("a", 1))


def test_a_slot_is_short_stable_and_its_own():
    assert slot_token("a") == slot_token("a") != slot_token("b")
    assert len(slot_token("a")) <= 36


def test_a_shoppers_text_is_never_taken_for_a_slot():
    sly = f"<TxnID>{slot_token('invoice')}</TxnID>"
    fragment = render(dataclasses.replace(RECEIPT, memo=Memo(text=sly, key=KEY), other=slot_token("x")[:29]))
    assert fragment.slots == ()
    assert fill(fragment.text, {}) == fragment.text


# --- what a template cannot do


def test_a_journal_keeps_the_key_of_every_line():
    entry = fullest(JournalEntry)
    source = SOURCES["journal_entry_add.xml.j2"]
    cut = source.replace("<Memo>{{ line.memo }}", "<Memo>{{ line.memo|first }}", 1)
    (fault,) = Renderer({"journal_entry_add.xml.j2": cut}, SCHEMA).render(entry, request_id="r1").faults
    assert "drops the key" in fault.sentence


@pytest.mark.parametrize(
    ("old", "new", "sentence"),
    [
        ("{{ line.amount }}", "1.00", "the template writes Amount 1.00; the document says 20.00"),
        ("{{ line.quantity }}", "3", "the template writes Quantity 3; the document says 2"),
        ("<Quantity>{{ line.quantity }}</Quantity>", "", "the template writes Amount where the document has Quantity 2"),
        ("{{ d.txn_date }}", "2026-03-05", "the template writes TxnDate 2026-03-05; the document says 2026-03-04"),
        ("{{ line.item_ref }}", "Other", "the template writes ItemRef Other; the document says SKU-1"),
        ("{{ d.ref_number }}", "X", "the template writes RefNumber X; the document says 1001"),
        ("{{ d.memo }}", "Thank you", f"the template drops the key [{KEY}] from the end of the memo"),
        ("{% for line in d.lines %}", "{% for line in d.lines|reverse %}", "the template writes ItemRef Discount; the document says SKU-1"),
        ("</SalesReceiptAdd>\n", "<SalesReceiptLineAdd><Rate >1</Rate ></SalesReceiptLineAdd></SalesReceiptAdd>\n", "the template adds SalesReceiptLineAdd (begins), which the document does not have"),
        ("</SalesReceiptAdd>\n", "<SalesReceiptLineAdd><Amount><![CDATA[1.00]]></Amount></SalesReceiptLineAdd></SalesReceiptAdd>\n", "the template adds SalesReceiptLineAdd (begins)"),
        ("</SalesReceiptLineAdd>\n", "<OverrideItemAccountRef><ListID/><FullName>Mine</FullName></OverrideItemAccountRef></SalesReceiptLineAdd>\n", "the template writes OverrideItemAccountRef where the document has SalesReceiptLineAdd (ends)"),
        ("{{ d.request_id }}", "other", "the template does not carry the requestID it was given"),
        ("</SalesReceiptAddRq>", "</SalesReceiptAddRq><HostQueryRq/>", "the template writes 2 requests"),
    ],
)  # fmt: skip
def test_a_template_may_not_change_what_the_document_decides(old, new, sentence):
    renderer = changed("sales_receipt_add.xml.j2", old, new)
    (fault,) = renderer.render(RECEIPT, request_id="r1").faults
    assert fault.sentence.startswith(sentence)
    assert fault.where.startswith("templates/sales_receipt_add.xml.j2")


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("<Memo>{{ d.memo }}", "<Memo>Thank you! {{ d.memo }}"),
        ("{{ line.desc }}", "{{ line.desc|upper }}"),
        ("<TxnDate>", "<ClassRef><FullName>Web</FullName></ClassRef><TemplateRef><FullName>Mine</FullName></TemplateRef><TxnDate>"),
        ("{% if line.quantity is not none %}", "{% if line.nothing is defined %}x{% endif %}{% if line.quantity is not none %}"),
        ("<Amount>", "<!-- said in words --> <Amount>"),
    ],
)  # fmt: skip
def test_a_template_may_change_words_and_layout(old, new):
    fragment = changed("sales_receipt_add.xml.j2", old, new).render(RECEIPT, request_id="r1")
    assert fragment.faults == ()


def test_what_a_template_writes_wrongly_names_its_line():
    renderer = changed(
        "sales_receipt_add.xml.j2", "<TxnDate>", "<IsTaxIncluded>true</IsTaxIncluded>\n<TxnDate>"
    )
    (fault,) = renderer.render(RECEIPT, request_id="r1").faults
    line = 1 + SOURCES["sales_receipt_add.xml.j2"].split("<TxnDate>")[0].count("\n")
    assert fault.where == f"templates/sales_receipt_add.xml.j2:{line}"


@pytest.mark.parametrize(
    ("new", "what"),
    [
        ("{{ d.nothing }}", "has no attribute 'nothing'"),
        ("{{ nothing }}", "'nothing' is undefined"),
        ("{{ d.__class__ }}", "'__class__'"),
        ("{{ d.memo.__class__.__mro__ }}", "'__mro__'"),
        ("{{ ''.format.__globals__ }}", "'__globals__'"),
        ("{{ d['__class__'] }}", "'__class__'"),
        ("{{ d|attr('__class__') }}", "there is no filter 'attr'"),
        ("{{ d.lines.append(1) }}", "append"),
        ("{{ range(10) }}", "'range' is undefined"),
        ("{{ 1 / 0 }}", "arithmetic"),
        ("{% if %}", "Expected an expression"),
        ("{% include 'other' %}", "there is no template other"),
    ],
)
def test_a_template_that_does_not_run_is_told_with_its_line(new, what):
    renderer = changed("sales_receipt_add.xml.j2", "<TxnDate>", f"{new}\n<TxnDate>")
    with pytest.raises(TemplateBroken) as caught:
        renderer.render(RECEIPT, request_id="r1")
    assert what in caught.value.what
    assert caught.value.where.startswith("templates/sales_receipt_add.xml.j2")
    if "include" not in new:
        line = 1 + SOURCES["sales_receipt_add.xml.j2"].split("<TxnDate>")[0].count("\n")
        assert caught.value.where.endswith(f":{line}")


def test_escaping_cannot_be_switched_off():
    renderer = changed(
        "sales_receipt_add.xml.j2",
        "<TxnDate>",
        "{% autoescape false %}<Other>{{ d.other }}</Other>{% endautoescape %}<TxnDate>",
    )
    fragment = renderer.render(dataclasses.replace(RECEIPT, other="<a&b>"), request_id="r1")
    assert "<Other>&lt;a&amp;b&gt;</Other>" in fragment.text


def test_a_missing_template_is_told():
    with pytest.raises(TemplateBroken, match=r"there is no template txn_void\.xml\.j2"):
        Renderer({}, SCHEMA).render(TxnVoid(txn_void_type="Check", txn_id="1"), request_id="r1")


def test_a_merchant_may_have_a_template_of_its_own_and_nobody_else_uses_it():
    own = SOURCES["sales_receipt_add.xml.j2"].replace("<Memo>", "<Memo>Oak says: ")
    renderer = Renderer(SOURCES | {"oak-ember/sales_receipt_add.xml.j2": own}, SCHEMA)
    assert "Oak says" in renderer.render(RECEIPT, request_id="r1", merchant="oak-ember").text
    assert "Oak says" not in renderer.render(RECEIPT, request_id="r1", merchant="elm").text
    assert "Oak says" not in renderer.render(RECEIPT, request_id="r1").text
    assert renderer.render(HostQuery(), request_id="r1", merchant="oak-ember").faults == ()


def test_only_the_very_text_of_a_proven_template_is_not_read_again():
    name = "sales_receipt_add.xml.j2"
    wrong = {name: SOURCES[name].replace("{{ line.amount }}", "1.00")}
    assert Renderer(wrong, SCHEMA, proven=SOURCES).render(RECEIPT, request_id="r1").faults != ()
    theirs = SOURCES | {f"oak-ember/{name}": wrong[name]}
    renderer = Renderer(theirs, SCHEMA, proven=SOURCES)
    assert renderer.render(RECEIPT, request_id="r1", merchant="oak-ember").faults != ()
    assert renderer.render(RECEIPT, request_id="r1").faults == ()
    assert renderer.render(dataclasses.replace(RECEIPT, lines=()), request_id="r1").faults != ()


@settings(max_examples=60)
@given(st.text(max_size=60), st.text(max_size=60), st.text(max_size=60))
def test_no_outside_text_can_break_or_forge_a_request(one, other, third):
    receipt = dataclasses.replace(
        RECEIPT,
        bill_address=Address(addr1=one, city=other),
        memo=Memo(text=third, key=KEY),
        other=one,
        lines=(SalesLine(item_ref="SKU-1", desc=other, other1=third, amount=Money.of("1", "USD")),),
    )
    fragment = render(receipt)
    assert fragment.faults == ()
    assert fragment.text.isascii()
    assert texts(fragment, ".//Amount") == ["1.00"]


@given(st.decimals(allow_nan=False, allow_infinity=False, min_value=-(10**12), max_value=10**12, places=2))
def test_money_comes_out_as_it_went_in(value):
    line = SalesLine(item_ref="SKU-1", amount=Money.of(value, "USD"))
    fragment = render(dataclasses.replace(RECEIPT, lines=(line,)))
    assert fragment.faults == ()
    assert Decimal(texts(fragment, ".//Amount")[0] or "") == value
