"""Gift cards of several brands: what each brand owes its card holders stands in an account of its own.

For shops that sell cards of more than one brand (Shopify's vendor of the card). A card that is sold raises its brand's
liability. A card that is used lowers the liability of the brand whose goods it paid for; where the goods are of several
brands, or of none, the mapping's own gift-card account is used. Expired cards become income in an account of your own
(with `breakage = "book"`; the law of many places forbids it).

    [merchants.oak-ember]
    plugins = ["gift_cards"]
    [merchants.oak-ember.plugin.gift_cards]
    breakage = "Other Income:Gift Card Breakage"
    [merchants.oak-ember.plugin.gift_cards.accounts]
    "Oak & Ember" = "Gift Cards:Oak & Ember"
    "Hive & Wick" = "Gift Cards:Hive & Wick"
"""

from qbconsole.plugin import Option, hookimpl

__version__ = "1.0"
HOOK_API = 1

OPTIONS = {
    "accounts": Option(kind="account", by="brand", required=True, about="each brand's liability account"),
    "beside": Option(kind="account", about="the liability of cards that staff issued or that expired"),
    "breakage": Option(kind="account", about="the income account of expired cards"),
}


@hookimpl
def choose_account(role, sale_line, order, options):
    if role == "breakage_income":
        return options["breakage"]
    if role != "gift_card_liability" or order is None:
        return None
    if sale_line is not None:
        return options["accounts"].first(sale_line.vendor or "")
    goods = [line for line in order.lines if not line.is_gift_card]
    if not order.lines:
        return options["beside"]
    brands = {options["accounts"].first(line.vendor or "") for line in goods}
    return brands.pop() if len(brands) == 1 else None
