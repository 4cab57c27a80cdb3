"""A class for every place that sells: tills by their location, everything else by its channel.

For merchants who read profit and loss by class and open places faster than they edit tables. A sale at a till gets
"Retail:<location>", any other sale "Online:<channel>"; `places` names those that are called otherwise in QuickBooks.
Stock and purchases of a location get its class too. Needs class tracking in QuickBooks' preferences.

    [merchants.oak-ember]
    plugins = ["class_by_place"]
    [merchants.oak-ember.plugin.class_by_place]
    tills = "Shops:{location}"
    online = "Web:{channel}"
    [merchants.oak-ember.plugin.class_by_place.places]
    "Shop – Grand Ave" = "Shops:Grand Avenue"
    "TikTok*" = "Web:Social"
"""

from qbconsole.plugin import Option, hookimpl, item_name

__version__ = "1.0"
HOOK_API = 1

OPTIONS = {
    "tills": Option(kind="text", default="Retail:{location}", about="class of a sale at a till"),
    "online": Option(kind="text", default="Online:{channel}", about="class of any other sale"),
    "places": Option(kind="class", by="location or channel", about="places with a class of another name"),
}


@hookimpl
def choose_class(line, order, channel, options):
    if line is not None:
        return None
    named = options["places"].first(order.location, channel, order.source)
    if named:
        return named
    if order.location:
        return _filled(options["tills"], order, channel)
    return _filled(options["online"], order, channel) if order.source else None


def _filled(pattern, order, channel):
    """The pattern with its words, each level cut to what QuickBooks takes for a class."""
    words = {"{location}": order.location, "{channel}": channel}
    levels = []
    for level in pattern.split(":"):
        for word, text in words.items():
            level = level.replace(word, text)
        levels.append(item_name(level))
    return ":".join(levels)
