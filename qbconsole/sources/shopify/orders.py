"""Pulls whole raw orders: which changed in a window, and each with every page of its parts.

An assembled order has the JSON shape of `pull --from-file` (accounting.md section 13, "Shapes"). Parts behind their
own scopes (customer, terms, company, returns) come by queries of their own: a missing scope leaves them null and is
reported, the order itself stays. What was withheld the order says itself, of its lines (`WITHHELD`), for a product of
which nothing is told is not one whose stock nobody counts, and of these parts (`PARTS_WITHHELD`). An order is read by
id, so that it is newer than the index rather than older; so are the parts of one that search does not find, for it may
not know a new one yet.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from qbconsole.errors import ShopifyContradiction, UsageError
from qbconsole.sources.shopify.answers import SOMEWHERE, Denied, PartsDisagree, Withheld
from qbconsole.sources.shopify.client import ShopifyClient
from qbconsole.sources.shopify.facts.batch import Unread
from qbconsole.sources.shopify.paging import check_once, rest
from qbconsole.sources.shopify.reading import ALTERNATIVES, PARTS_WITHHELD, WITHHELD
from qbconsole.visible import safe

#: Parents are stamped before children and the search index lags behind: go back this far.
REWIND = timedelta(minutes=10)
#: Changed orders on one page of the index.
ORDERS_A_PAGE = 50
_SIZES = {"lines": 50, "agreements": 10, "sales": 50}
#: Query file -> the fields it adds to an order.
_PARTS: Mapping[str, tuple[str, ...]] = {
    "order_customer": ("email", "customer", "shippingAddress"),
    "order_terms": ("paymentTerms",),
    "order_b2b": ("purchasingEntity",),
}
#: Lists inside a refund -> the query file of their further pages.
_OF_A_REFUND = {
    "refundShippingLines": "refund_shipping",
    "orderAdjustments": "refund_adjustments",
    "transactions": "refund_tenders",
}
#: Returns on one page; each comes with what it is exchanged for.
_RETURNS_A_PAGE = 20
_RETURNS = "order_returns"
_FIELDS: Mapping[str, tuple[str, ...]] = {**_PARTS, _RETURNS: ("returns",)}
#: What the bulk query leaves out where the app lacks its scope.
_LEFT_OUT = {
    "email": "read_customers",
    "customer": "read_customers",
    "shippingAddress": "read_customers",
    "paymentTerms": "read_payment_terms",
    "purchasingEntity": "read_customers",
}
Raw = dict[str, Any]
_LINES = "order.lineItems."
#: No shop is older.
_NOTHING_BEFORE = datetime(2004, 1, 1, tzinfo=UTC)
#: The same parts of one order.
_OF_ONE = {"order_customer": "one_customer", "order_terms": "one_terms", "order_b2b": "one_b2b"}


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderPage:
    """Whole orders of one page of the index.

    Once they are stored, everything changed before `through` has been seen; the last page's is the window's end.
    """

    orders: tuple[Raw, ...]
    through: datetime
    has_next: bool
    #: Parts that were withheld so far in this pull, each named once.
    denied: tuple[Denied, ...]
    #: Orders of it whose parts do not make a whole.
    unread: tuple[Unread, ...] = ()


@dataclass(slots=True)
class _Pull:
    """One pull: what is known to be withheld is not asked for again."""

    client: ShopifyClient
    denied: dict[str, Denied] = field(default_factory=dict)
    #: Parts of which nothing is granted, and what was said of them.
    closed: dict[str, tuple[Denied, ...]] = field(default_factory=dict)

    def note(self, denied: tuple[Denied, ...], part: str = "") -> None:
        """Remember what was withheld; a part of which nothing is granted is not asked for again."""
        for found in denied:
            self.denied.setdefault(found.field, found)
        if part and {found.field.rpartition(".")[2] for found in denied} >= set(_PARTS[part]):
            self.close(part, denied)

    def close(self, part: str, denied: tuple[Denied, ...]) -> None:
        """A part is withheld as a whole."""
        self.note(denied)
        self.closed[part] = denied


def orders_updated(
    client: ShopifyClient,
    since: datetime | None,
    until: datetime,
    *,
    overlap: timedelta = REWIND,
    first: int = ORDERS_A_PAGE,
) -> Iterator[OrderPage]:
    """Orders changed in [since - overlap, until), oldest change first; all of them where `since` is None.

    One that changed since Shopify looked for it is given as it is by now, and comes again with the next window.
    Raises ShopifyContradiction when Shopify answers with an order from before the window.
    """
    query = window(since, until, overlap=overlap)
    start = None if since is None else _second(since - overlap)
    end = _second(until)
    pull, after, newest = _Pull(client), None, start or _NOTHING_BEFORE
    for page in client.pages("order_index", "orders", {"query": query}, first=first):
        pull.note(page.denied)
        for node in page.nodes:
            at = _not_before(node, start)
            newest = at if at < end else newest
        wanted = [str(node["id"]) for node in page.nodes]
        orders, unread = _assemble(
            pull, wanted, {"query": query, "after": after, "first": max(1, len(wanted))}
        )
        after = page.cursor
        yield OrderPage(
            orders=tuple(orders),
            through=newest if page.has_next else end,
            has_next=page.has_next,
            denied=tuple(pull.denied.values()),
            unread=unread,
        )


def window(since: datetime | None, until: datetime, *, overlap: timedelta = REWIND) -> str:
    """The search for orders changed in [since - overlap, until)."""
    query = f"updated_at:<'{_stamp(_second(until))}'"
    return query if since is None else f"updated_at:>='{_stamp(_second(since - overlap))}' AND {query}"


class Completion:
    """Adds to orders of a bulk file what no bulk query can ask for: refunds, returns, terms, lines of tips."""

    def __init__(self, client: ShopifyClient) -> None:
        self._pull = _Pull(client)

    @property
    def denied(self) -> tuple[Denied, ...]:
        """What was withheld so far."""
        return tuple(self._pull.denied.values())

    def of(self, order: Raw) -> Raw | Unread:
        """The order as pages give it, or why it is none. Asks Shopify only where there is something to ask for."""
        try:
            return self._completed(order)
        except PartsDisagree as cause:
            return _unread(order, cause)

    def _completed(self, order: Raw) -> Raw:
        left_out = [name for name in _LEFT_OUT if name not in order]
        restricted = {name: order.pop(name, None) for name in _LEFT_OUT}
        gid = str(order["id"])
        order["nonFulfillableLineItems"] = {"nodes": _tips(order["lineItems"]["nodes"])}
        if order["refunds"]:
            told = str(order["name"])
            order["refunds"] = [_refund(self._pull.client, str(one["id"]), told) for one in order["refunds"]]
        order["returns"] = {"nodes": []}
        if order["returnStatus"] != "NO_RETURN":
            _add_returns(self._pull, order, gid)
        order |= _tidy(restricted)
        if restricted["paymentTerms"] is not None:
            order["paymentTerms"] = None
            _add_of_one(self._pull, "order_terms", gid, order)
        for name in left_out:
            denied = Denied(field=f"orders.{name}", scopes=(_LEFT_OUT[name],))
            self._pull.note((denied,))
            _mark(order, (name,), (denied,))
        return order


def order_by_id(client: ShopifyClient, gid: str) -> Raw | None:
    """One whole order by its GID or legacy id; None when the shop has no such order (any more).

    Raises PartsDisagree where its parts do not make a whole.
    """
    found = order_or_why(client, gid)
    if isinstance(found, Unread):
        raise PartsDisagree(found.sentence(), next="Nothing of it was kept; pull it again.")
    return found


def order_or_why(client: ShopifyClient, gid: str) -> Raw | Unread | None:
    """The same; where its parts do not make a whole, why."""
    number = gid.rpartition("/")[2]
    if not number.isdigit():
        raise UsageError(f"{gid!r} is no order id", next="Give the number, or gid://shopify/Order/NUMBER.")
    gid = f"gid://shopify/Order/{number}"
    orders, unread = _assemble(_Pull(client), [gid], None)
    return next(iter(orders), None) or next(iter(unread), None)


def order_by_name(client: ShopifyClient, name: str) -> Raw | None:
    """One whole order by its name ("#1001"); None without one. Names may repeat: then UsageError."""
    quoted = name.replace("\\", "\\\\").replace("'", "\\'")
    index = client.query("order_index", {"first": 10, "query": f"name:'{quoted}'"}).need("orders")
    found = [node["id"] for node in index["nodes"] if node["name"] == name]
    if len(found) > 1:
        raise UsageError(
            f"{len(found)} orders are named {name}", next=f"Name one by its id: {', '.join(found)}."
        )
    return order_by_id(client, found[0]) if found else None


def _second(at: datetime) -> datetime:
    """Shopify keeps whole seconds."""
    return at.astimezone(UTC).replace(microsecond=0)


def _stamp(at: datetime) -> str:
    return at.strftime("%Y-%m-%dT%H:%M:%SZ")


def _not_before(node: Raw, start: datetime | None) -> datetime:
    """When this order was changed; refuses one from before the window: then the filter was not applied."""
    try:
        at = datetime.fromisoformat(node["updatedAt"])
    except (KeyError, TypeError, ValueError) as cause:
        raise ShopifyContradiction(
            "an order without a time of its last change", where="order_index"
        ) from cause
    if start is not None and at < start:
        raise ShopifyContradiction(
            f"Shopify gave an order changed {_stamp(at)}, outside the window asked for", where="order_index"
        )
    return at


def _assemble(
    pull: _Pull, wanted: list[str], window: Mapping[str, object] | None
) -> tuple[list[Raw], tuple[Unread, ...]]:
    """Whole orders, and those that are none; `window` is the page of the index that they stand on, if they come from one."""
    found = [_whole(pull, gid) for gid in wanted]
    unread = tuple(one for one in found if isinstance(one, Unread))
    orders = [one for one in found if isinstance(one, dict)]
    by_id = {str(order["id"]): order for order in orders}
    for name, fields in _PARTS.items():
        for order in orders:
            order |= dict.fromkeys(fields)
        if orders:
            _add_part(pull, name, by_id, window)
    return orders, unread


def _add_part(pull: _Pull, name: str, orders: Mapping[str, Raw], window: Mapping[str, object] | None) -> None:
    """Add a restricted part to a page of orders; one that is not on the page (any more, or yet) is asked for by id."""
    missing = set(orders)
    nodes, denied = _slice(pull, name, window) if window is not None else ([], ())
    for node in nodes:
        if node["id"] in missing:
            missing.discard(node["id"])
            orders[node["id"]].update(_tidy(node))
            _mark(orders[node["id"]], _FIELDS[name], denied)
    for gid in sorted(missing):
        _add_of_one(pull, name, gid, orders[gid])


def _add_of_one(pull: _Pull, name: str, gid: str, order: Raw) -> None:
    """Add a restricted part to one order; only that it is withheld where it is."""
    if name not in pull.closed:
        try:
            answer = pull.client.query(_OF_ONE[name], {"id": gid})
            found: Raw | None = answer.need("order")
        except Withheld as refused:
            pull.close(name, refused.denied)
        else:
            pull.note(answer.denied, name)
            order |= _tidy(found) if found is not None else {}
            _mark(order, _FIELDS[name], answer.denied)
            return
    _mark(order, _FIELDS[name], pull.closed[name])


def _slice(pull: _Pull, name: str, window: Mapping[str, object]) -> tuple[list[Raw], tuple[Denied, ...]]:
    """As many nodes as the window asks for, and what was withheld of them; none when the whole part is withheld."""
    size = int(str(window["first"]))
    nodes: list[Raw] = []
    denied: tuple[Denied, ...] = ()
    if name in pull.closed:
        return [], ()
    try:
        for page in pull.client.pages(name, "orders", window, first=size):
            pull.note(page.denied, name)
            nodes += page.nodes
            denied += page.denied
            if len(nodes) >= size:
                break
    except Withheld as refused:
        pull.close(name, refused.denied)
        return [], ()
    return nodes, denied


def _mark(order: Raw, fields: Iterable[str], denied: Iterable[Denied]) -> None:
    """Have an order say what of these fields was withheld, and for want of what; all of them where that is not said."""
    lacking = {str(name): set(needs) for name, *needs in order.get(PARTS_WITHHELD, ())}
    for one in denied:
        named = [name for name in one.field.split(".") if name in fields]
        for name in named[:1] or fields:
            lacking.setdefault(name, set()).update(ALTERNATIVES.join(need) for need in one.needs())
    if lacking:
        order[PARTS_WITHHELD] = [[name, *sorted(needs)] for name, needs in sorted(lacking.items())]


def _tidy(node: Raw) -> Raw:
    """The part in the shape of `pull --from-file`."""
    part = {key: value for key, value in node.items() if key != "id"}
    customer = part.get("customer")
    if customer is not None:
        address = customer.pop("defaultEmailAddress", None)
        customer["email"] = address["emailAddress"] if address else None
    buyer = part.get("purchasingEntity")
    if buyer is not None and buyer["__typename"] != "PurchasingCompany":
        part["purchasingEntity"] = None
    return part


def _whole(pull: _Pull, gid: str) -> Raw | Unread | None:
    """An order by id with all pages of its unrestricted parts."""
    answer, _ = pull.client.fitting("order_full", {"id": gid}, dict(_SIZES))
    order: Raw | None = answer.need("order")
    pull.note(answer.denied)
    if order is None:
        return None
    try:
        _complete(pull, order, gid, answer.denied)
    except PartsDisagree as cause:
        return _unread(order, cause)
    return order


def _unread(order: Raw, cause: PartsDisagree) -> Unread:
    number = str(order["id"]).rpartition("/")[2]
    return Unread(
        number=number,
        name=safe(f"Order {order.get('name')}", limit=80),
        why=str(cause),
        updated_at=str(order["updatedAt"]),
    )


def _complete(pull: _Pull, order: Raw, gid: str, withheld: tuple[Denied, ...]) -> None:
    """Add all further pages to the order. Raises PartsDisagree where they make no whole."""
    client, where = pull.client, str(order.get("name"))
    order["lineItems"] = {"nodes": rest(client, "order_lines", "order.lineItems", order["lineItems"], gid)}
    denied = [one for one in withheld if one.field.startswith(_LINES) or one.field == SOMEWHERE]
    if denied:
        order[WITHHELD] = sorted({ALTERNATIVES.join(need) for one in denied for need in one.needs()})
    shipping = rest(client, "order_shipping", "order.shippingLines", order["shippingLines"], gid)
    order["shippingLines"] = {"nodes": shipping}
    order["nonFulfillableLineItems"] = {"nodes": _tips(order["lineItems"]["nodes"])}
    order["agreements"] = {"nodes": _agreements(client, order["agreements"], gid)}
    order["refunds"] = [_refund(client, str(refund["id"]), where) for refund in order["refunds"]]
    order["returns"] = {"nodes": []}
    if order["returnStatus"] != "NO_RETURN":
        _add_returns(pull, order, gid)


def _tips(lines: list[Raw]) -> list[Raw]:
    """Lines that can never be fulfilled: nothing was taken off them, they are no variant and are not sent.

    The API names them in no field of our schema subset; this is what shopify-api.md section 4 tells them by.
    """
    return [
        {"id": line["id"], "title": line["title"]}
        for line in lines
        if line["nonFulfillableQuantity"] > 0
        and line["currentQuantity"] == line["quantity"]
        and line["variant"] is None
        and not line["requiresShipping"]
    ]


def _agreements(client: ShopifyClient, connection: Raw, gid: str) -> list[Raw]:
    """All sales agreements with all their sales.

    Sales that do not fit are read again, one agreement at a time and its sales page by page.
    """
    agreements = rest(client, "order_agreements", "order.agreements", connection, gid, sales=50)
    if any(row["sales"]["pageInfo"]["hasNextPage"] for row in agreements):
        many = [row["id"] for row in agreements]
        agreements = list(_one_by_one(client, gid))
        if not {*many} <= {row["id"] for row in agreements}:
            raise PartsDisagree("its agreements are not there any more when they are read again", where=gid)
        check_once(agreements, "order.agreements", gid)
    return [{**row, "sales": {"nodes": row["sales"]["nodes"]}} for row in agreements]


def _one_by_one(client: ShopifyClient, gid: str) -> Iterator[Raw]:
    before: str | None = None
    for page in client.pages("order_sales", "order.agreements", {"id": gid}, first=1):
        for row in page.nodes:
            yield {**row, "sales": {"nodes": _sales(client, row, gid, before)}}
        before = page.cursor


def _sales(client: ShopifyClient, agreement: Raw, gid: str, before: str | None) -> list[Raw]:
    """All sales of the agreement that stands behind `before`. An agreement cannot be asked for by its id."""
    nodes, info = list(agreement["sales"]["nodes"]), agreement["sales"]["pageInfo"]
    behind: set[str | None] = {None}
    while info["hasNextPage"]:
        more = info["endCursor"]
        if more in behind:
            raise PartsDisagree("the pages of an agreement's sales do not go on", where=gid)
        behind.add(more)
        asked = {"id": gid, "first": 1, "after": before, "more": more}
        order = client.query("order_sales", asked).need("order")
        found = order["agreements"]["nodes"] if order is not None else []
        if [row["id"] for row in found] != [agreement["id"]]:
            raise PartsDisagree("an agreement was gone before all of its sales came", where=gid)
        nodes += found[0]["sales"]["nodes"]
        info = found[0]["sales"]["pageInfo"]
    check_once(nodes, "the sales of an agreement", gid)
    return nodes


def _refund(client: ShopifyClient, gid: str, where: str) -> Raw:
    """One refund, whole."""
    whole: Raw = {}
    lines: list[Raw] = []
    after: str | None = None
    behind: set[str | None] = set()
    while True:
        answer, _ = client.fitting("refund_full", {"id": gid, "after": after}, {"first": 50})
        whole = answer.need("refund")
        if whole is None:
            raise PartsDisagree(f"the refund {gid} of the order is gone", where=where)
        lines += whole["refundLineItems"]["nodes"]
        info = whole["refundLineItems"]["pageInfo"]
        if not info["hasNextPage"]:
            break
        if info["endCursor"] in (None, *behind):
            raise PartsDisagree("the pages of a refund do not go on", where=where)
        after = info["endCursor"]
        behind.add(after)
    check_once(lines, "refund.refundLineItems", gid)
    for name, query in _OF_A_REFUND.items():
        whole[name] = {"nodes": rest(client, query, f"refund.{name}", whole[name], gid)}
    whole["refundLineItems"] = {"nodes": lines}
    return whole


def _add_returns(pull: _Pull, order: Raw, gid: str) -> None:
    if _RETURNS in pull.closed:
        _mark(order, _FIELDS[_RETURNS], pull.closed[_RETURNS])
        return
    client, rows = pull.client, []
    try:
        for page in client.pages(_RETURNS, "order.returns", {"id": gid}, first=_RETURNS_A_PAGE):
            pull.note(page.denied)
            _mark(order, _FIELDS[_RETURNS], page.denied)
            if not page.is_there and not page.denied:
                raise PartsDisagree("it was gone before all of its returns came", where=gid)
            rows += [{**row, "exchangeLineItems": _exchanged(client, row)} for row in page.nodes]
    except Withheld as refused:
        pull.close(_RETURNS, refused.denied)
        _mark(order, _FIELDS[_RETURNS], refused.denied)
        return
    order["returns"] = {"nodes": rows}


def _exchanged(client: ShopifyClient, row: Raw) -> Raw:
    """All that a return is exchanged for."""
    lines = row["exchangeLineItems"]
    return {"nodes": rest(client, "return_exchanges", "return.exchangeLineItems", lines, str(row["id"]))}
