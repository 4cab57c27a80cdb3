"""Words a merchant's template wrote, fitted to what QuickBooks keeps, with every loss told.

Our own texts are fitted before a template sees them; what it adds (a greeting, the order's note) is fitted here, in
the rendered request. Words only: names, keys, numbers and dates are never cut, so a wrong one is refused.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from lxml import etree

from qbconsole.qbxml.flat import BREAKS, NEVER_CUT, Loss
from qbconsole.qbxml.schema import Schema
from qbconsole.qbxml.text import Fitted, fit, fit_memo, is_plain

#: Our key at the end of a memo: "[qbc1/oak-ember/order/1/1/0]".
_KEY = re.compile(r"\s*\[(qbc1/[^\[\]\s]+)\]\s*\Z")
#: Of a custom field QuickBooks keeps thirty characters (protocol notes, section 15: "Price levels / custom fields").
_CUSTOM_FIELD = 30


def fit_words(rendered: etree._Element, request: str, schema: Schema, losses: list[Loss]) -> bool:
    """Fit the words of one request in place; True where any was changed. `rendered` is its Rq element."""
    changed = False
    for body in rendered.iterchildren(request):
        for path, leaf in _leaves(body, ""):
            before = leaf.text or ""
            fitted = _fitted(path, before, request, schema)
            if fitted is None or fitted.text == before:
                continue
            leaf.text, changed = fitted.text, True
            if fitted.loss:
                losses.append(Loss(f"{request}/{path}", before, fitted.text, fitted.loss))
    return changed


def _leaves(node: etree._Element, above: str) -> Iterator[tuple[str, etree._Element]]:
    for child in node.iterchildren(etree.Element):
        path = f"{above}{child.tag}"
        if len(child):
            yield from _leaves(child, f"{path}/")
        else:
            yield path, child


def _fitted(path: str, text: str, request: str, schema: Schema) -> Fitted | None:
    """The words as QuickBooks will keep them; None where they are no words."""
    field = schema.fields.get((request, path))
    parent, _, element = path.rpartition("/")
    if field is None or not field.is_text or not text:
        return None
    if element in ("FullName", "ListID", "Name") or parent.endswith("Ref"):
        return None
    limit = field.limit
    if element == "DataExtValue" and not request.startswith("DataExt"):
        limit = _CUSTOM_FIELD
    elif element in NEVER_CUT:
        return None
    if is_plain(text) and (limit is None or len(text) <= limit):
        return None
    key = _KEY.search(text) if element == "Memo" else None
    if key:
        return fit_memo(text[: key.start()], key[1], limit or len(text))
    return fit(text, limit, breaks=element in BREAKS)
