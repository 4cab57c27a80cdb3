"""Money that is paid out with Shopify Payments and put on another account is told, once there is such money."""

from __future__ import annotations

import pytest
from builders import Line, Pay
from shopday import counted
from trip import Trip

from qbconsole.care.doctor import check_house
from qbconsole.care.mapping_check import checked

OTHER = 'other = "Other Payments Clearing"'
RULE = """
[[merchants.oak-ember.rules]]
when = {{ gateway = "{}" }}
account = "{}"
"""


def as_before(text: str) -> str:
    """The mapping as it was shipped before: without lines of their own they are put on `other`."""
    for gateway in ("shop_pay_installments", "shopify_installments"):
        line = f'{gateway} = "Shopify Payments Clearing"\n'
        assert line in text
        text = text.replace(line, "")
    return text


def told(tmp_path, edit, *gateways, settings=None) -> tuple[list[str], list[str]]:
    """What the check of the mapping warns of, and what doctor says of the settings, once these payments are booked."""
    trip = Trip(tmp_path, edit=edit, settings=settings)
    try:
        for number, gateway in enumerate(gateways, 1):
            pays = [Pay(amount="12.00", gateway=gateway)]
            order = counted(Line(price="12.00"), number=number, pays=pays, tracked=False)
            trip.pull({"orders": [order]})
        trip.book()
        means = trip.workspace.means()
        found = checked(means.mapping_text, means.mapping.file, None, means.store)
        house = check_house(means, {}, port=1, now=trip.now)
        return (
            [f"{one.path}: {one.what}" for one in found.warnings],
            [f"{one.health} {one.sentence}" for one in house if one.name == "settings"],
        )
    finally:
        trip.close()


@pytest.mark.parametrize("settings", [None, {"modes": {"sales": "summary", "inventory": "summary"}}])
@pytest.mark.parametrize("gateway", ["shop_pay_installments", "shopify_installments"])
def test_installments_on_an_account_of_their_own_are_told(tmp_path, gateway, settings):
    if settings:
        settings = settings | {"policy": {"cogs": "off"}}
    (warning,), (said,) = told(tmp_path, as_before, gateway, "shopify_payments", "paypal", settings=settings)
    assert warning.startswith(f"clearing.{gateway}: ")
    assert f'clearing.{gateway} = "Shopify Payments Clearing"' in warning
    assert '"Other Payments Clearing"' in warning
    assert said.startswith("attention ")
    assert gateway in said


@pytest.mark.parametrize(
    "edit",
    [
        str,
        lambda text: text.replace('ts = "Shopify Payments', 'ts = "shopify payments', 1),
        lambda text: as_before(text) + RULE.format("shop_pay_installments", "Shopify Payments Clearing"),
        lambda text: as_before(text).replace(OTHER, 'other = "Shopify Payments Clearing"'),
    ],
    ids=["as shipped", "otherwise spelt", "by a rule", "by other"],
)
def test_on_the_same_account_they_are_not(tmp_path, edit):
    warnings, (said,) = told(tmp_path, edit, "shop_pay_installments", "shopify_payments")
    assert warnings == []
    assert said.startswith("ok ")


def test_a_rule_that_puts_them_elsewhere_is_told_at_its_line(tmp_path):
    def edit(text):
        return text + RULE.format("shop_pay_installments", "PayPal Clearing")

    (warning,), _ = told(tmp_path, edit, "shop_pay_installments")
    assert '"PayPal Clearing"' in warning


def test_where_nobody_paid_so_nothing_is_told(tmp_path):
    warnings, (said,) = told(tmp_path, as_before, "shopify_payments", "paypal")
    assert warnings == []
    assert said.startswith("ok ")
