"""The query files are valid, one operation each, against our sandbox's schema and the real one's subset."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path

import pytest
from graphql import (
    OperationDefinitionNode,
    TypeInfo,
    TypeInfoVisitor,
    Visitor,
    build_schema,
    get_named_type,
    parse,
    print_ast,
    validate,
    visit,
)

from qbconsole.sources.shopify import queries

NAMES = sorted(
    path.name.removesuffix(".graphql") for path in files(queries).iterdir() if path.name.endswith(".graphql")
)
SANDBOX = Path(__file__).parents[2] / "qbconsole/sandbox/shopify/schema.graphql"
#: Public since 2026-10, and in none of the schemas we hold (shopify-api.md section 8).
PURCHASES = ("purchase_orders", "purchase_lines", "purchase_transfers")
#: As shopify.dev has it since 2024-07; the subsets leave it out.
COUNTS = ("orders_count", "orders_counts")
#: The few that change something in the shop: what it tells us, and what it writes for us to download.
MUTATIONS = {"webhook_create", "bulk_run"}
#: What the subset leaves out though the real schema has it: every connection takes `after` (shopify.dev, pagination), and
#: records are found by id (shopify.dev, QueryRoot.return, .inventoryItem, .storeCreditAccount; .inventoryTransfer since 2025-07).
LEFT_OUT = (
    "  lineItems(first: Int): InventoryTransferLineItemConnection!",
    "  shipments(first: Int): InventoryShipmentConnection!",
    "  inventoryLevels(first: Int, includeInactive: Boolean): InventoryLevelConnection!",
    "  transactions(first: Int): StoreCreditAccountTransactionConnection!",
    "  storeCreditAccounts(first: Int): StoreCreditAccountConnection!",
    "  returns(first: Int): ReturnConnection!",
    "  shippingLines(first: Int, includeRemovals: Boolean): ShippingLineConnection!",
    "  exchangeLineItems(first: Int): ExchangeLineItemConnection!",
    "  orderAdjustments(first: Int): OrderAdjustmentConnection!",
    "  refundShippingLines(first: Int): RefundShippingLineConnection!",
    "  transactions(first: Int): OrderTransactionConnection!",
)
#: The same, of every kind of agreement.
SALES = "  sales(first: Int): SaleConnection!"
ROOTS = """
  inventoryTransfer(id: ID!): InventoryTransfer
  return(id: ID!): Return
  inventoryItem(id: ID!): InventoryItem
  storeCreditAccount(id: ID!): StoreCreditAccount
"""
#: Every connection has it (shopify.dev, pagination).
PAGED = "extend type StoreCreditAccountConnection { pageInfo: PageInfo! }"
REAL = Path(__file__).parents[2] / "../shared/reference/shopify/subset-2026-10.graphql"


@pytest.fixture(scope="module")
def sandbox():
    return build_schema(SANDBOX.read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def real():
    if not REAL.exists():
        pytest.skip("needs ../shared/reference, which is not here")
    text = REAL.read_text(encoding="utf-8")
    for line in LEFT_OUT:
        assert text.count(f"\n{line}\n") == 1
        text = text.replace(line, line.replace("(first: Int", "(after: String, first: Int"))
    assert text.count(f"\n{SALES}\n") == text.count("SalesAgreement {")
    text = text.replace(SALES, SALES.replace("(first: Int", "(after: String, first: Int"))
    return build_schema(f"{text}\nextend type QueryRoot {{ {ROOTS} }}\n{PAGED}")


def test_every_query_the_client_needs_is_shipped():
    assert {
        *(
            "shop",
            "access_scopes",
            "order_index",
            "order_full",
            "order_lines",
            "order_agreements",
            "order_sales",
        ),
        *("refund_full", "order_returns", "order_customer", "order_terms", "order_b2b"),
        *("one_customer", "one_terms", "one_b2b"),
        *("customers", "variants", "locations"),
        *("payments_account", "payouts", "balance_entries", "disputes", "gift_cards", "gift_card_ledger"),
        *("store_credit_owners", "store_credit", "cash_sessions", "stock_levels", "transfers"),
        *("order_shipping", "return_exchanges", "refund_shipping", "refund_adjustments", "refund_tenders"),
        *("transfer_lines", "transfer_shipments", "item_levels", "credit_movements"),
        *("shipment_lines", *PURCHASES, "webhook_subscriptions", "webhook_create"),
        *("bulk_orders", "bulk_run", "bulk_poll", *COUNTS),
    } <= set(NAMES)


@pytest.mark.parametrize("name", NAMES)
def test_a_query_file_is_valid_for_the_sandbox(name, sandbox):
    document = parse(queries.text(name))
    assert validate(sandbox, document) == []
    operations = [d for d in document.definitions if isinstance(d, OperationDefinitionNode)]
    assert len(operations) == 1
    assert operations[0].operation.value == ("mutation" if name in MUTATIONS else "query")


@pytest.mark.parametrize("name", [name for name in NAMES if name not in (*PURCHASES, *COUNTS)])
def test_a_query_file_is_valid_for_the_real_schema(name, real):
    assert validate(real, parse(queries.text(name))) == []


def test_the_sandbox_schema_is_a_part_of_the_real_one(sandbox, real):
    wrong = []
    for name, kind in sandbox.type_map.items():
        if (
            name.startswith(("__", "InventoryPurchaseOrder"))
            or not hasattr(kind, "fields")
            or name in ("OrderAgreement", "OrderEditAgreement", "Count")  # Count: shopify.dev, ordersCount
            or name in ("StoreCreditAccountCreditTransaction", "StoreCreditAccountDebitTransaction")
        ):
            continue
        for field, definition in kind.fields.items():
            if field in ("inventoryPurchaseOrder", "inventoryPurchaseOrders", "ordersCount"):
                continue
            theirs = real.type_map[name].fields.get(field)
            if theirs is None or str(theirs.type) != str(definition.type):
                wrong.append(f"{name}.{field}")
            elif set(getattr(definition, "args", ())) - set(getattr(theirs, "args", ())):
                wrong.append(f"{name}.{field} arguments")
    assert wrong == []


def test_a_query_we_do_not_ship_is_refused():
    with pytest.raises(FileNotFoundError):
        queries.text("mutation")


#: Lists of which a part is enough, and why.
A_PART_WILL_DO = {
    ("store_credit_owners", "storeCreditAccounts"),  # whether there is any
    (
        "order_terms",
        "paymentSchedules",
    ),  # Shopify makes schedules of one part; the day it is due is told, no amount
    ("one_terms", "paymentSchedules"),
    ("webhook_subscriptions", "webhookSubscriptions"),  # as many as one page holds; it has one a topic
}


@pytest.mark.parametrize("name", sorted(set(NAMES) - {"bulk_orders"}))
def test_every_list_of_a_query_tells_whether_there_is_more(name, sandbox):
    document = parse(queries.text(name))
    types = TypeInfo(sandbox)
    silent = set()

    class Lists(Visitor):
        def enter_field(self, node, *_):
            kind = get_named_type(types.get_type())
            if kind is not None and kind.name.endswith("Connection"):
                told = {field.name.value: field for field in node.selection_set.selections}
                more = told.get("pageInfo")
                if more is None or "hasNextPage" not in print_ast(more):
                    silent.add((name, node.name.value))

    visit(document, TypeInfoVisitor(types, Lists()))
    assert silent <= A_PART_WILL_DO
