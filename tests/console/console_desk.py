"""A desk with fixed answers: the views' own frozen values, one instant, and actions that write down what they did."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta

from qbconsole.books.holds import Hold, Reason
from qbconsole.books.lifecycle import DocumentState, RequestState
from qbconsole.console.desk import Desk, QueueQuestion
from qbconsole.errors import UsageError
from qbconsole.money import Money
from qbconsole.views.journey import ChoiceView, DocumentView, Journey, RequestView, Stop
from qbconsole.views.queue import QueueDetail, QueueRow
from qbconsole.views.status import Cause, CompanyStatus, MerchantStatus, SessionLine, Status

NOW = datetime(2026, 11, 21, 10, 26, tzinfo=UTC)
HOSTILE = "[/b] [VIP] \x1b]0;x\x1b\\ 日本語 👩‍👩‍👧 \u202e"


def usd(text: str) -> Money:
    return Money.of(text, "USD")


def ago(**span: int) -> datetime:
    return NOW - timedelta(**span)


def sessions(name: str) -> tuple[SessionLine, ...]:
    return (
        SessionLine(opened_at=ago(minutes=2), closed_at=None, requests=12, phase="documents", last_error="", ticket="3f2a90"),
        SessionLine(opened_at=ago(minutes=7), closed_at=ago(minutes=6), requests=9, phase="done",
                    last_error=f"3100 name already in use {name}".strip(), ticket="3f29c1"),
        SessionLine(opened_at=ago(days=1), closed_at=ago(days=1), requests=0, phase="nothing to do", last_error="", ticket="3f28aa"),
    )  # fmt: skip


def status(name: str = "") -> Status:
    company = CompanyStatus(
        id="oak", name="Oak & Ember LLC", linked_name=f"Oak & Ember LLC {name}".strip(), file=r"C:\QB\Oak.qbw",
        last_contact_at=ago(minutes=2), stopped="", lease_owner="", lists_known=True, sessions=sessions(name),
        counts={RequestState.READY: 14, RequestState.ANSWERED: 298, RequestState.REFUSED: 1, RequestState.IN_DOUBT: 0},
    )  # fmt: skip
    shops = (
        MerchantStatus(id="oak-ember", company="oak", shop="oak-ember.myshopify.com", orders=312, to_book=0, held=4, flagged=1,
                       documents={DocumentState.PLANNED: 15, DocumentState.RECORDED: 298}, last_pulled_at=ago(minutes=5)),
        MerchantStatus(id="oak-outlet", company="oak", shop="oak-outlet.myshopify.com", orders=0, to_book=0, held=0, flagged=0,
                       documents={}, last_pulled_at=None),
    )  # fmt: skip
    causes = (
        Cause(cause="unmapped:tax:CA-ORANGE", reason="unmapped", count=3, oldest_at=ago(hours=1),
              sentence=f'Tax "CA-ORANGE" has no QuickBooks item {name}'.strip(),
              next_step="Name it in mappings.toml under [defaults.tax_items].", subjects=("order/10341", "order/10342", "order/10347")),
        Cause(cause="authorized:10350", reason="authorized_uncaptured", count=1, oldest_at=ago(days=3),
              sentence="64.95 USD is authorised and not captured", next_step="Capture it in Shopify.", subjects=("order/10350",)),
    )  # fmt: skip
    return Status(companies=(company,), merchants=shops, held_by_cause=causes)


def row(number: int, name: str = "") -> QueueRow:
    kinds = ("SalesReceipt", "Invoice", "ReceivePayment", "CreditMemo")
    states = ("HELD", "READY", "IN_DOUBT", "RECORDED", "REFUSED")
    customers = ("Walk-in", "Jane Doe", "山田 太郎", "Zoë 👩‍👩‍👧 Bolt Supply and Sons")
    return QueueRow(
        key=f"qbc1/oak-ember/sale/{number}/1/1", source=f"order #{number}", number=f"#{number}", date=date(2026, 11, 20),
        kind=kinds[number % 4], customer=name or customers[number % 4], total=usd(f"{number % 997 + 1}.95"), state=states[number % 5],
        reason="unmapped" if number % 5 == 0 else "", merchant="oak-ember", since=ago(hours=number % 50), attempt=number % 3,
    )  # fmt: skip


def detail(key: str, name: str = "") -> QueueDetail:
    found = row(int(key.split("/")[3]), name)
    return QueueDetail(
        row=found, why=f'Tax line "CA-ORANGE 7.75 %" has no QuickBooks sales-tax item. {name}'.strip(),
        fix="Name it in mappings.toml under [defaults.tax_items], then book again.", cause="unmapped:tax:CA-ORANGE", also=2,
        history=("2026-11-21 10:19 pull: pulled", "2026-11-21 10:24 book: booked", f"2026-11-21 10:24 held: unmapped {name}".strip()),
    )  # fmt: skip


QBXML = """<?xml version="1.0" encoding="utf-8"?>
<?qbxml version="16.0"?>
<QBXML><QBXMLMsgsRq onError="continueOnError">
  <SalesReceiptAddRq requestID="10341-1"><SalesReceiptAdd>
    <CustomerRef><FullName>Shopify web</FullName></CustomerRef>
    <TxnDate>2026-11-21</TxnDate>
    <RefNumber>10341</RefNumber>
  </SalesReceiptAdd></SalesReceiptAddRq>
</QBXMLMsgsRq></QBXML>"""


def document(part: int, name: str = "") -> DocumentView:
    request = RequestView(
        id=part, name="SalesReceiptAdd", state=RequestState.ANSWERED, attempt=0, made_at=ago(minutes=6), sent_at=ago(minutes=5),
        changed_at=ago(minutes=4), message_set="k3j2", status_code=0, status_text="Status OK", waits_for=(),
    )  # fmt: skip
    return DocumentView(
        key=f"qbc1/oak-ember/sale/10341/{part}/1", kind="SalesReceipt", ref_number=f"10341-{part}", date=date(2026, 11, 21),
        state="recorded", txn_id=f"1A2B-{part}", total=usd("208.95"), mapping_revision=3, planned_at=ago(minutes=6),
        postings=(
            (f"Shopify Payments Clearing {name}".strip(), "clearing:shopify_payments", usd("208.95"), None),
            ("Sales:Shopify", "sales_income", None, usd("180.00")),
            ("Shipping Income", "shipping_income", None, usd("15.00")),
            ("?sales_tax", "sales_tax", None, usd("13.95")),
        ),
        choices=(
            ChoiceView("customer", f"Shopify web {name}".strip(), "mappings.toml", "mappings.toml:12"),
            ChoiceView("line 1 item", "MUG-01", "oak_ember", "plugins/oak_ember.py:14", ("legal",), "choose_item", "1.2", "3f2a91c0de55"),
        ),
        qbxml=QBXML.replace("Shopify web", f"Shopify web {name}".strip()), answer=f'<SalesReceiptAddRs statusCode="0"/> {name}'.strip(),
        losses=(f"note cut to 4095 {name}".strip(),), requests=(request,),
    )  # fmt: skip


def journey(name: str = "") -> Journey:
    return Journey(
        order_id="10341", name=f"#10341 {name}".strip(), merchant="oak-ember", company="oak",
        facts=(("Channel", "web"), ("Customer", name or "Jane Doe"), ("Placed", "2026-11-21 09:14 PST"), ("Financial status", "PAID")),
        lines=((f"Mug {name}".strip(), "2", "180.00 USD"), ("Shipping", "", "15.00 USD"), ("CA-ORANGE", "", "13.95 USD")),
        stops=(
            Stop(name="pulled", module="sources/shopify, store/snapshots", at=ago(minutes=7), sentence=f"Revision 1 {name}".strip()),
            Stop(name="decided", module="decide", at=ago(minutes=6), sentence="SalesReceipt 10341-1 of 208.95 USD, recorded."),
            Stop(name="recorded", module="sync/settle", at=None, sentence="SalesReceipt 10341-1 is TxnID 1A2B-1 in QuickBooks."),
        ),
        documents=(document(1, name), document(2, name)),
        holds=(Hold(reason=Reason.REFUND_RESIDUAL_REVIEW, where="order #10341", sentence=f"4.20 USD is left over {name}".strip(),
                    next_step="Look at the refund."),),
        raw=b'{"id": "gid://shopify/Order/10341", "note": "' + name.replace("\x1b", "\\u001b").replace("\\", "\\\\").encode() + b'"}',
    )  # fmt: skip


@dataclass
class FixedSource:
    """Answers that never change by themselves. `name` stands wherever a shopper could have written something."""

    name: str = ""
    count: int = 37
    change: int = 0
    asked: list[QueueQuestion] = field(default_factory=list)

    def now(self) -> datetime:
        return NOW

    def changes(self) -> object:
        return self.change

    def merchants(self) -> tuple[str, ...]:
        return ("oak-ember", "oak-outlet", *((self.name,) if self.name else ()))

    def status(self, merchant: str | None) -> Status:
        found = status(self.name)
        if merchant is None:
            return found
        return replace(found, merchants=tuple(one for one in found.merchants if one.id == merchant))

    def ids(self, question: QueueQuestion) -> list[tuple[str, int]]:
        self.asked.append(question)
        if question.text == "status:nonsense":
            raise UsageError("there is no status 'nonsense'")
        every = [n for n in range(10_340, 10_340 + self.count) if question.text in f"#{n}"]
        every = every if question.view != "queued" else every[:3]
        return [("document", n) for n in (reversed(every) if question.reverse else every)]

    def rows(self, ids):
        return {one: row(one[1], self.name) for one in ids}

    def detail(self, key: str) -> QueueDetail:
        return detail(key, self.name)

    def journey(self, text: str) -> Journey:
        if text == "nowhere":
            raise UsageError(
                f"nothing here is called 'nowhere' {self.name}".strip(), next="Did you mean #10341?"
            )
        return journey(self.name)


@dataclass
class WrittenActions:
    """Carries nothing out; remembers what it was told."""

    done: list[tuple[str, tuple[str, ...], str]] = field(default_factory=list)
    says: str = ""

    def retry(self, keys) -> str:
        self.done.append(("retry", tuple(keys), ""))
        return f"{len(keys)} ready again {self.says}"

    def ignore(self, keys, reason: str) -> str:
        self.done.append(("ignore", tuple(keys), reason))
        return f"{len(keys)} ignored {self.says}"

    def hold(self, keys, reason: str) -> str:
        self.done.append(("hold", tuple(keys), reason))
        return f"{len(keys)} held {self.says}"

    def release(self, keys) -> str:
        self.done.append(("release", tuple(keys), ""))
        return f"{len(keys)} released {self.says}"


def desk(source: FixedSource | None = None, actions: WrittenActions | None = None) -> Desk:
    return Desk(source=source or FixedSource(), actions=actions or WrittenActions())
