"""What the client makes of every kind of answer: retried, refused, contradicted, or used in part."""

from __future__ import annotations

import json
import logging
from pathlib import Path

import httpx
import pytest
from shopify_over_asgi import SHOP, Clock, reply, scripted

from qbconsole.errors import (
    ShopifyContradiction,
    ShopifyError,
    ShopifyRefused,
    ShopifyThrottled,
    ShopifyUnreachable,
    UsageError,
)
from qbconsole.sources.shopify.answers import API_VERSION, QueryTooCostly, Withheld, _denied
from qbconsole.sources.shopify.client import ATTEMPTS, ShopifyClient
from qbconsole.sources.shopify.credentials import AccessToken, ClientCredentials

SAMPLES = Path(__file__).parents[2] / "../shared/samples/shopify/errors"
OK = {"data": {"shop": {"id": "1"}}}
THROTTLED = {"errors": [{"message": "Throttled", "extensions": {"code": "THROTTLED"}}]}


def cost(requested, available, *, actual=1, maximum=1000, restore=50):
    status = {"maximumAvailable": maximum, "currentlyAvailable": available, "restoreRate": restore}
    return {"cost": {"requestedQueryCost": requested, "actualQueryCost": actual, "throttleStatus": status}}


def sample(name):
    path = SAMPLES / name
    if not path.exists():
        pytest.skip("needs ../shared/samples, which is not here")
    return json.loads(path.read_text())


def test_a_good_answer_is_given_back_whole_and_goes_to_the_pinned_version():
    client, seen, _ = scripted(reply({**OK, "extensions": cost(3, 990)}))
    answer = client.query("shop", {})
    assert answer.need("shop") == {"id": "1"}
    assert answer.cost.requested == 3
    assert str(seen[0].url) == f"https://{SHOP}/admin/api/{API_VERSION}/graphql.json"
    assert seen[0].headers["x-shopify-access-token"] == "shpat_sandbox"


@pytest.mark.parametrize("version", ["2026-07", "2027-01", None])
def test_an_answer_of_another_version_is_a_contradiction(version):
    client, seen, _ = scripted(reply(OK, version=version))
    with pytest.raises(ShopifyContradiction, match="version"):
        client.query("shop", {})
    assert len(seen) == 1


@pytest.mark.parametrize(
    "passing",
    [
        httpx.Response(500),
        httpx.Response(503, headers={"Retry-After": "7"}),
        reply({}, 429),
        reply(THROTTLED),
        reply(THROTTLED, 429),
        reply({"errors": [{"message": "x", "extensions": {"code": "INTERNAL_SERVER_ERROR"}}], "data": None}),
        httpx.Response(200, content=b'{"data": {"sho', headers={"X-Shopify-API-Version": API_VERSION}),
        httpx.ReadTimeout("slow"),
        httpx.ConnectError("no route"),
        httpx.RemoteProtocolError("cut"),
    ],
    ids=str,
)
def test_what_passes_by_itself_is_sent_again(passing):
    client, seen, clock = scripted(passing, reply(OK))
    assert client.query("shop", {}).data == OK["data"]
    assert len(seen) == 2
    assert len(clock.slept) == 1


@pytest.mark.parametrize(
    ("passing", "kind"),
    [
        (httpx.Response(502), ShopifyUnreachable),
        (httpx.ConnectTimeout("slow"), ShopifyUnreachable),
        (reply({}, 429), ShopifyThrottled),
        (reply(THROTTLED), ShopifyThrottled),
    ],
)
def test_what_does_not_pass_ends_in_a_retryable_error_after_bounded_tries(passing, kind):
    client, seen, clock = scripted(passing)
    with pytest.raises(kind) as caught:
        client.query("shop", {})
    assert caught.value.exit_status == 3
    assert caught.value.__cause__ is not None
    assert len(seen) == ATTEMPTS
    assert len(clock.slept) == ATTEMPTS - 1
    assert clock.slept == sorted(clock.slept)
    assert sum(clock.slept) < 120


def test_retry_after_is_kept_to():
    client, _, clock = scripted(reply({}, 429, **{"Retry-After": "4.5"}), reply(OK))
    client.query("shop", {})
    assert clock.slept == [4.5]


def test_captured_throttling_is_waited_out_exactly():
    given = sample("throttled.json")
    client, _, clock = scripted(*(reply(example) for example in given["examples"]), reply(OK))
    client.query("shop", {})
    assert clock.slept == [0.08, 1.68]


def test_captured_internal_errors_are_retried():
    client, seen, _ = scripted(reply(sample("internal_server_error.json")["response"]), reply(OK))
    client.query("shop", {})
    assert len(seen) == 2


def test_a_query_waits_until_it_fits_into_the_budget():
    client, _, clock = scripted(reply({**OK, "extensions": cost(300, 100, restore=50)}))
    client.query("shop", {})
    assert clock.slept == []
    client.query("shop", {})
    assert clock.slept == [4.0]
    clock.now += 100
    client.query("shop", {})
    assert clock.slept == [4.0]


@pytest.mark.parametrize(
    ("status", "word"),
    [
        (402, "frozen"),
        (403, "forbids"),
        (404, "no shop"),
        (423, "locked"),
        (430, "attack"),
        (400, "could not read"),
    ],
)
def test_a_refusal_is_one_sentence_and_is_not_retried(status, word):
    client, seen, _ = scripted(reply({"errors": "no"}, status))
    with pytest.raises(ShopifyRefused, match=word) as caught:
        client.query("shop", {})
    assert caught.value.exit_status == 1
    assert len(seen) == 1


def test_a_wrong_address_sends_nobody_to_the_token():
    client, _, _ = scripted(reply({"errors": "no"}, 404))
    with pytest.raises(ShopifyRefused) as caught:
        client.query("shop", {})
    assert "`shop` in mappings.toml" in caught.value.next


def test_a_redirect_is_not_followed():
    client, seen, _ = scripted(httpx.Response(302, headers={"Location": "https://evil.example/"}))
    with pytest.raises(ShopifyRefused, match="redirect"):
        client.query("shop", {})
    assert len(seen) == 1


@pytest.mark.parametrize("code", ["undefinedField", "INVALID_VARIABLE", "", None])
def test_an_error_we_do_not_know_is_a_contradiction(code):
    extensions = {"extensions": {"code": code}} if code is not None else {}
    client, seen, _ = scripted(reply({"errors": [{"message": "Field \x1b[31m", **extensions}], **OK}))
    with pytest.raises(ShopifyContradiction) as caught:
        client.query("shop", {})
    assert "\x1b" not in str(caught.value)
    assert len(seen) == 1


def test_a_missing_scope_is_named_and_the_other_roots_are_used():
    given = sample("access_denied_partial_data.json")["disputes"]["payload"]
    client, _, _ = scripted(reply(given))
    answer = client.query("shop", {})
    assert answer.data["disputes"]["nodes"] == []
    assert answer.need("disputes")["pageInfo"]["hasNextPage"] is False
    assert [(d.field, d.scopes) for d in answer.denied] == [
        ("disputeEvidence", ("read_shopify_payments_dispute_evidences",))
    ]
    with pytest.raises(ShopifyRefused, match="read_shopify_payments_dispute_evidences"):
        answer.need("disputeEvidence")


def test_an_answer_withheld_as_a_whole_names_the_scope_and_what_to_do():
    error = {
        "message": "Access denied for orders field.",
        "path": ["orders"],
        "extensions": {"code": "ACCESS_DENIED", "requiredAccess": "`read_orders` access scope."},
    }
    client, _, _ = scripted(reply({"errors": [error], "data": None}))
    with pytest.raises(Withheld, match="read_orders") as caught:
        client.query("shop", {})
    assert "read_orders" in caught.value.next


def test_a_captured_search_warning_is_fatal():
    given = sample("search_warning_invalid_field.json")["capture"]["response"]
    client, _, _ = scripted(reply(given))
    with pytest.raises(ShopifyContradiction, match="email"):
        client.query("shop", {})


def test_a_page_too_costly_is_asked_for_again_at_half_its_size():
    asked = []

    def handle(request):
        size = json.loads(request.content)["variables"]["first"]
        asked.append(size)
        if size > 20:
            error = {"message": "Query cost is 1234", "extensions": {"code": "MAX_COST_EXCEEDED"}}
            return reply({"errors": [error]})
        info = {"hasNextPage": len(asked) < 5, "endCursor": f"c{len(asked)}"}
        return reply({"data": {"orders": {"nodes": [{"id": str(len(asked))}], "pageInfo": info}}})

    client, _, _ = scripted(handle)
    pages = list(client.pages("order_index", "orders", {"query": ""}, first=100))
    assert asked == [100, 50, 25, 12, 12]
    assert [page.cursor for page in pages] == ["c4", "c5"]


def test_a_query_too_costly_even_for_one_record_says_so():
    error = {"message": "Query cost is 1234", "extensions": {"code": "MAX_COST_EXCEEDED"}}
    client, _, _ = scripted(reply({"errors": [error]}))
    with pytest.raises(QueryTooCostly):
        list(client.pages("order_index", "orders", {}, first=4))


def test_pages_that_do_not_go_on_are_a_contradiction():
    info = {"hasNextPage": True, "endCursor": "same"}
    client, seen, _ = scripted(reply({"data": {"orders": {"nodes": [], "pageInfo": info}}}))
    with pytest.raises(ShopifyContradiction, match="go on"):
        list(client.pages("order_index", "orders", {}, first=4))
    assert len(seen) == 2


def test_unknown_enum_values_come_through():
    client, _, _ = scripted(reply({"data": {"order": {"displayFinancialStatus": "HALF_PAID_BY_MOON"}}}))
    assert client.query("shop", {}).data["order"]["displayFinancialStatus"] == "HALF_PAID_BY_MOON"


@pytest.mark.parametrize(
    "shop",
    [
        "evil.example",
        "a.myshopify.com.evil.example",
        "a.myshopify.com/x",
        "A.myshopify.com",
        "-.myshopify.com",
        "",
    ],
)
def test_only_a_shop_address_is_talked_to(shop):
    with pytest.raises(UsageError, match="shop address"):
        ShopifyClient(shop=shop, credentials=AccessToken(token="t"))


@pytest.mark.parametrize(
    "base", ["http://10.0.0.1:80", "https://example.com", "http://localhost.evil.example"]
)
def test_a_base_url_is_on_this_computer_only(base):
    with pytest.raises(UsageError, match="this computer"):
        ShopifyClient(shop=SHOP, credentials=AccessToken(token="t"), base_url=base)


def token_answer(token="shpca_one", expires=86399):
    return httpx.Response(200, json={"access_token": token, "scope": "read_orders", "expires_in": expires})


CLIENT = ClientCredentials(client_id="app-1", client_secret="canary-secret")


def test_a_token_is_bought_once_and_renewed_before_it_ends():
    clock = Clock()
    tokens = iter(("shpca_one", "shpca_two"))

    def handle(request):
        return token_answer(next(tokens)) if "oauth" in request.url.path else reply(OK)

    client, seen, _ = scripted(handle, clock=clock, credentials=CLIENT)
    client.query("shop", {})
    client.query("shop", {})
    clock.now += 86399 - 200
    client.query("shop", {})
    used = [r.headers["x-shopify-access-token"] for r in seen if "graphql" in r.url.path]
    assert used == ["shpca_one", "shpca_one", "shpca_two"]
    assert b"grant_type=client_credentials" in seen[0].content
    assert str(seen[0].url) == f"https://{SHOP}/admin/oauth/access_token"


def test_a_refused_token_is_renewed_exactly_once():
    def handle(request):
        return token_answer() if "oauth" in request.url.path else reply({"errors": "no"}, 401)

    client, seen, _ = scripted(handle, credentials=CLIENT)
    with pytest.raises(ShopifyRefused, match="401"):
        client.query("shop", {})
    assert [r.url.path.rpartition("/")[2] for r in seen] == [
        "access_token",
        "graphql.json",
        "access_token",
        "graphql.json",
    ]


def test_a_permanent_token_that_is_refused_is_refused_at_once():
    client, seen, _ = scripted(reply({"errors": "no"}, 401))
    with pytest.raises(ShopifyRefused, match="401"):
        client.query("shop", {})
    assert len(seen) == 1


def test_a_busy_token_service_is_asked_again():
    client, seen, _ = scripted(
        httpx.Response(503), httpx.ReadTimeout("x"), token_answer(), reply(OK), credentials=CLIENT
    )
    client.query("shop", {})
    assert len(seen) == 4


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (httpx.Response(401, json={"error": "invalid_client"}), ShopifyRefused),
        (httpx.Response(302, headers={"Location": "https://evil.example"}), ShopifyRefused),
        (httpx.Response(200, json={"hello": 1}), ShopifyContradiction),
        (httpx.Response(200, json={"access_token": "", "expires_in": 5}), ShopifyContradiction),
    ],
)
def test_a_token_that_is_not_given_is_an_error_with_a_next_step(answer, kind):
    client, _, _ = scripted(answer, credentials=CLIENT)
    with pytest.raises(kind) as caught:
        client.query("shop", {})
    assert caught.value.next


def test_no_secret_shows_in_reprs_logs_or_errors(caplog, capfd):
    caplog.set_level(logging.DEBUG)
    canary = "shpat_canary0123456789"
    secrets = (canary, "canary-secret", "shpca_canary")
    shown = []

    def handle(request):
        if "oauth" in request.url.path:
            return token_answer("shpca_canary")
        return httpx.Response(500)

    for credentials in (AccessToken(token=canary), CLIENT):
        for answers in (
            (handle,),
            (reply({"errors": "no"}, 401),),
            (httpx.ConnectError("x"),),
            (reply({}, 403),),
        ):
            if credentials is CLIENT and answers[0] is not handle:
                continue
            client, _, _ = scripted(*answers, credentials=credentials)
            shown += [repr(credentials), str(credentials), repr(client), repr(vars(client)["_tokens"])]
            with pytest.raises(ShopifyError) as caught:
                client.query("shop", {})
            error: BaseException | None = caught.value
            while error is not None:
                shown += [repr(error), str(error), str(getattr(error, "as_dict", dict)())]
                error = error.__cause__ or error.__context__
    out, err = capfd.readouterr()
    everything = "\n".join([*shown, caplog.text, out, err])
    assert not [secret for secret in secrets if secret in everything]


@pytest.mark.parametrize(
    ("need", "needs", "wanted"),
    [
        ("`read_orders` access scope.", (("read_orders",),), "read_orders"),
        (
            "Any of `write_content`, `write_online_store_pages` access scopes.",
            (("write_content", "write_online_store_pages"),),
            "write_content or write_online_store_pages",
        ),
        ("Any of `read_a` and `read_b` access scopes.", (("read_a", "read_b"),), "read_a or read_b"),
        ("`read_a` and `read_b` access scopes.", (("read_a",), ("read_b",)), "read_a and read_b"),
        (
            "`read_a` access scope. Also: The user must have access to orders and customers.",
            (("read_a",),),
            "read_a",
        ),
        ("The user must have access to orders.", ((),), ""),
    ],
)
def test_scopes_are_alternatives_unless_shopify_says_all_of_them(need, needs, wanted):
    found = _denied({"path": ["order"], "extensions": {"requiredAccess": need}})
    assert (found.needs(), found.wanted()) == (needs, wanted)
    assert (wanted or "a scope it does not name") in found.sentence()
    assert f"Grant {wanted or 'the scope'} to the app" in Withheld((found,)).next
