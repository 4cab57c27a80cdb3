"""Identity: one deterministic key a document, and the numbers made from it.

Key `qbc1/<shop>/<kind>/<id>/<part>/<generation>`; only undo raises the generation. The key stands last in
the memo, in brackets, and is never cut: it is what a probe looks for in QuickBooks.
Source: design.md section 5; accounting.md section 8.
"""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Mapping

from qbconsole.books.plan import DocumentKind
from qbconsole.books.policy import Numbers

REF_NUMBER_MAX = 11
#: A vendor's own number has more room (qbxmlops160.xsd, BillAdd/RefNumber: 20).
_VENDORS = (DocumentKind.BILL, DocumentKind.ITEM_RECEIPT, DocumentKind.VENDOR_CREDIT)
_VENDORS_MAX = 20
#: Documents that carry an order's name.
_OF_ORDERS = frozenset(
    {
        DocumentKind.SALES_RECEIPT,
        DocumentKind.INVOICE,
        DocumentKind.CREDIT_MEMO,
        DocumentKind.RECEIVE_PAYMENT,
        DocumentKind.AR_REFUND_CREDIT_CARD,
        DocumentKind.CHECK,
        DocumentKind.SALES_ORDER,
        DocumentKind.ESTIMATE,
    }
)
#: The order's name as it is.
PLAIN = Numbers()
_KIND_LETTERS = {
    DocumentKind.SALES_RECEIPT: "S",
    DocumentKind.INVOICE: "I",
    DocumentKind.RECEIVE_PAYMENT: "P",
    DocumentKind.CREDIT_MEMO: "C",
    DocumentKind.AR_REFUND_CREDIT_CARD: "R",
    DocumentKind.CHECK: "K",
    DocumentKind.JOURNAL_ENTRY: "J",
    DocumentKind.DEPOSIT: "D",
    DocumentKind.BILL: "B",
    DocumentKind.ITEM_RECEIPT: "G",
    DocumentKind.VENDOR_CREDIT: "V",
    DocumentKind.INVENTORY_ADJUSTMENT: "A",
    DocumentKind.TRANSFER_INVENTORY: "T",
    DocumentKind.PURCHASE_ORDER: "O",
    DocumentKind.SALES_ORDER: "W",
    DocumentKind.ESTIMATE: "Q",
}
_URLS = uuid.NAMESPACE_URL.bytes
#: The digit that carries the variant, by the digit of the hash that stood there: its first two bits become 10.
_VARIANT = {digit: "89ab"[int(digit, 16) & 3] for digit in "0123456789abcdef"}
_DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"


def document_key(shop: str, event_key: str, part: str = "1", generation: int = 0) -> str:
    """The key of the document that stands for an event: "qbc1/oak-ember/order/873/1/0"."""
    return f"qbc1/{shop}/{event_key}/{part}/{generation}"


def external_guid(key: str) -> str:
    """The GUID we put on the document, in the braces QuickBooks wants: a UUID of version 5 (RFC 4122) of the key.

    Written out, because the library's takes as long as naming a line.
    """
    text = hashlib.sha1(_URLS + key.encode(), usedforsecurity=False).hexdigest()
    variant = _VARIANT[text[16]]
    return f"{{{text[:8]}-{text[8:12]}-5{text[13:16]}-{variant}{text[17:20]}-{text[20:32]}}}"


def memo(words: str, key: str) -> str:
    """Readable text first, the key last in brackets."""
    return f"{words} [{key}]" if words else f"[{key}]"


def key_in(memo_text: str | None) -> str | None:
    """The key a memo carries, or None; reads what `memo` wrote, whatever words stand before."""
    if not memo_text or not memo_text.endswith("]"):
        return None
    start = memo_text.rfind("[qbc1/")
    return memo_text[start + 1 : -1] if start >= 0 else None


def ref_number(
    kind: DocumentKind,
    number: str,
    suffix: str,
    key: str,
    taken: Mapping[str, str],
    style: Numbers = PLAIN,
) -> str:
    """The number printed on the document: the order's name and suffix, else one made from the key.

    A number is used when it is plain text of at most 11 characters (20 on what vendors send) and no other document of
    the company has it (order names repeat across shops; `taken` has them in capitals). The merchant's style is for
    what comes of orders; a vendor's own number stays as it is.
    """
    if kind in _VENDORS:
        style = PLAIN
    if style.style == "made":
        return made_number(kind, key)
    human = number.removeprefix("#").strip()
    if style.style == "digits" and kind in _OF_ORDERS:
        human = "".join(sign for sign in human if sign in "0123456789")
    human = style.prefix + human + suffix if human else ""
    plain = human.isascii() and human.isprintable() and "[" not in human
    room = _VENDORS_MAX if kind in _VENDORS else REF_NUMBER_MAX
    if human and plain and len(human) <= room and taken.get(human.upper(), key) == key:
        return human
    return made_number(kind, key)


def other_numbers(kind: DocumentKind, number: str, suffix: str, key: str, given: str) -> tuple[str, ...]:
    """Numbers beside `given` that the same document may bear in QuickBooks.

    Who comes first gets the order's number, so a database that lost days may deal them out another way round; and the
    mapping may have said another style then.
    """
    may_be = (ref_number(kind, number, suffix, key, {}), made_number(kind, key))
    return tuple(one for one in dict.fromkeys(may_be) if one != given)


def base36(number: int) -> str:
    """A whole number from 0 in digits and capital letters."""
    digits = ""
    while True:
        number, digit = divmod(number, 36)
        digits = _DIGITS[digit] + digits
        if not number:
            return digits


def made_number(kind: DocumentKind, key: str) -> str:
    """A letter for the kind and ten base-36 digits of the key's hash: 51 bits, the same every time."""
    value = int.from_bytes(hashlib.sha256(key.encode()).digest()[:8], "big")
    digits = ""
    for _ in range(REF_NUMBER_MAX - 1):
        value, digit = divmod(value, 36)
        digits += _DIGITS[digit]
    return _KIND_LETTERS[kind] + digits


def request_id(key: str) -> str:
    """A requestID for a document or list entry: 20 hex digits of its key's hash, well below the 50 allowed."""
    return hashlib.sha256(key.encode()).hexdigest()[:20]
