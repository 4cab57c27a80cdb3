"""How a pulled order says itself what was withheld of it."""

#: Field of ours on an order that was pulled: the scopes for want of which products of its lines were withheld. All of
#: these are needed, of "read_a|read_b" one; "" is a scope that Shopify does not name.
WITHHELD = "withheldForWantOf"
#: The same of who bought, on which terms, for which company, and of returns: rows of a field's name and its scopes.
PARTS_WITHHELD = "partsWithheldForWantOf"
ALTERNATIVES = "|"
