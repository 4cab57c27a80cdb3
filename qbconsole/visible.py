"""safe(): outside text made harmless for screens, logs and terminals.

Names and notes come from shoppers. A raw escape byte reaches the operator's terminal, a right-to-left
override reorders a sum, a line break forges a log line. Every control or direction character becomes a
visible glyph, so that nothing is lost and nothing acts.
"""

from __future__ import annotations

import re

_PICTURES = {code: chr(0x2400 + code) for code in range(0x20)} | {0x7F: "\u2421"}
_HIDDEN = re.compile(
    "[\x00-\x1f\x7f-\x9f\u00ad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff"
    "\ufff9-\ufffb\ud800-\udfff\U000e0000-\U000e007f]"
)


def _glyph(match: re.Match[str]) -> str:
    code = ord(match.group())
    return _PICTURES.get(code, "\ufffd")


def safe(text: object, *, limit: int | None = None) -> str:
    """Return the text on one line, every control or direction character shown as a glyph.

    With `limit`, at most that many characters, the last an ellipsis where something was cut.
    """
    shown = str(text)
    if not (shown.isascii() and shown.isprintable()):
        shown = _HIDDEN.sub(_glyph, shown)
    if limit is not None and len(shown) > limit:
        shown = shown[: max(0, limit - 1)] + "…"
    return shown
