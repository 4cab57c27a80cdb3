"""Fits outside text to what QuickBooks keeps: its letters, its line breaks, its lengths. Nothing here reads a field.

QuickBooks stores Windows-1252. A raw letter outside it makes QuickBooks refuse the whole message set; sent as
a number it is stored as "?" for ever. So, in this order: NFC, rewrite what Windows-1252 lacks in ASCII, drop
what acts without showing (control, direction and zero-width characters), turn line breaks into blanks where
none may stand, trim, and only then cut to the length (in characters). Quotes, dashes and "€", which only
Windows-1252 has among its relatives, become ASCII as well. Source: protocol notes, section 12.

Every change is reported; the original stays in our own database. Lengths come from `schema.limits`.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

from anyascii import anyascii

from qbconsole.value import Value

#: Windows-1252 has these, but not where Latin-1 has them; written in ASCII to be safe with both.
_SIGNS = {
    ord(sign): plain
    for sign, plain in {
        "\u20ac": "EUR",
        "\u2018": "'",
        "\u2019": "'",
        "\u201a": "'",
        "\u201b": "'",
        "\u201c": '"',
        "\u201d": '"',
        "\u201e": '"',
        "\u2039": "<",
        "\u203a": ">",
        "\u2013": "-",
        "\u2014": "-",
        "\u2026": "...",
        "\u2022": "*",
        "\u2122": "(TM)",
        "\u2020": "+",
        "\u2021": "++",
        "\u2030": "0/00",
        "\u02c6": "^",
        "\u02dc": "~",
        "\u00a0": " ",
        "\u2028": "\n",
        "\u2029": "\n",
        "\u0085": "\n",
        "\x0b": "\n",
        "\x0c": "\n",
    }.items()
}
#: Acts on the text around it and shows nothing itself: directions, joiners, variation selectors, tags.
_UNSEEN = re.compile(
    "[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f"
    "\u202a-\u202e\u2060-\u206f\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffb\ufffe\uffff"
    "\U000e0000-\U000e0fff]"
)
_LINE_BREAKS = re.compile(r"[ \t]*(?:\r\n|\r|\n)[ \t]*")
_BLANKS = re.compile(r"[ \t\r\n]+")
_KEPT_BREAKS = re.compile(r"\r\n?")


class Fitted(Value, kw_only=False):
    """Text as QuickBooks will keep it, and what that cost."""

    text: str
    #: What was lost, as a clause ("cut from 120 to 41 characters"); None when nothing was.
    loss: str | None = None


def is_plain(text: str) -> bool:
    """Tell quickly that nothing but the length can be wrong with a text."""
    return text.isascii() and text.isprintable() and text[:1] != " " and text[-1:] != " "


def plain(text: str) -> str:
    """Return the text in letters QuickBooks keeps, without unseen characters; breaks and length are left."""
    if text.isascii():
        return text if text.isprintable() else _UNSEEN.sub("", text.translate(_SIGNS))
    seen = _UNSEEN.sub("", unicodedata.normalize("NFC", text).translate(_SIGNS))
    try:
        seen.encode("cp1252")
    except UnicodeEncodeError:
        return _rewritten(seen)
    return seen


def _rewritten(text: str) -> str:
    """Rewrite what Windows-1252 lacks; a run of what has no reading at all becomes one question mark."""
    parts: list[str] = []
    for letter in text:
        try:
            letter.encode("cp1252")
        except UnicodeEncodeError:
            reading = _reading(letter)
            if reading != "?" or parts[-1:] != ["?"]:
                parts.append(reading)
        else:
            parts.append(letter)
    return "".join(parts)


def _reading(letter: str) -> str:
    """Give one letter in ASCII: ł -> l, 北 -> Bei, an emoji by its name, else a question mark."""
    if unicodedata.combining(letter):
        return ""
    reading = anyascii(letter)
    if len(reading) > 2 and reading.startswith(":") and reading.endswith(":"):
        return f"({reading[1:-1]})"
    return reading or "?"


@lru_cache(maxsize=4096)
def fit(text: str, limit: int | None = None, *, breaks: bool = False) -> Fitted:
    """Fit a text to QuickBooks' letters and `limit` characters; line breaks only with `breaks`.

    A limit of None never cuts.
    """
    if is_plain(text) and (limit is None or len(text) <= limit):
        return Fitted(text)
    kept = plain(text)
    if breaks:
        kept = _KEPT_BREAKS.sub("\n", kept).replace("\t", " ").strip()
    else:
        kept = _BLANKS.sub(" ", kept).strip() if not kept.isprintable() else kept.strip()
    loss = _respelled(text, kept)
    if limit is not None and len(kept) > limit:
        loss = _and(loss, f"cut from {len(kept)} to {limit} characters")
        kept = kept[:limit].rstrip()
    return Fitted(kept, loss)


@lru_cache(maxsize=4096)
def fit_name(text: str, limit: int | None = None) -> Fitted:
    """Fit the own name of a list entry: no colon, which parts parents from children, and never empty."""
    fitted = fit(text.replace(":", "-"))
    kept, loss = fitted.text or "?", fitted.loss
    if ":" in kept:
        kept = kept.replace(":", "-")
    if ":" in text:
        loss = _and(loss, "colons became dashes")
    if kept == "?" and text.strip() != "?":
        loss = _and(loss, "nothing of it can be written")
    if limit is not None and len(kept) > limit:
        loss = _and(loss, f"cut from {len(kept)} to {limit} characters")
        kept = kept[:limit].rstrip()
    return Fitted(kept, loss)


def fit_reference(full_name: str) -> Fitted:
    """Fit the full name of a list entry that is pointed at: letters only, since a cut name points elsewhere."""
    return fit(full_name)


def fit_memo(text: str, key: str, limit: int) -> Fitted:
    """Fit a memo to its limit: the words give way, the key in brackets at the end never does."""
    if not key:
        return fit(text, limit, breaks=True)
    tail = f"[{key}]"
    words = fit(text, max(0, limit - len(tail) - 1), breaks=True)
    return Fitted(f"{words.text} {tail}" if words.text else tail, words.loss)


def _respelled(before: str, after: str) -> str | None:
    """Say that letters changed; blanks at the ends and a rewritten line break are no loss."""
    if before == after:
        return None
    said = _BLANKS.sub(" ", unicodedata.normalize("NFC", before)).strip()
    return None if said == _BLANKS.sub(" ", after) else "letters QuickBooks cannot keep were rewritten"


def _and(first: str | None, second: str) -> str:
    return f"{first}; {second}" if first else second
