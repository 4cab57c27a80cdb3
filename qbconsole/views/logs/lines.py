"""One line of the log: what it says, where it comes from, how grave it is. A line may be anything: it is only read.

Source of the fields: care/logbook.py writes `event`, `level`, `logger` and `timestamp` with whatever was told beside.
"""

from __future__ import annotations

from typing import Any

import msgspec

from qbconsole.value import Value

#: From the least to the gravest; the words of --level.
LEVELS = ("debug", "info", "warning", "error")
GRAVEST = LEVELS[-1]
_GRAVE = {"debug": 0, "info": 1, "warning": 2, "warn": 2, "error": 3, "exception": 3, "critical": 3}
#: Logger -> source; the first that fits. What fits none is "other".
_LOGGERS = (
    ("qbconsole.webconnector", "qbwc"),
    ("qbconsole.deliver", "qbwc"),
    ("qbconsole.book", "book"),
    ("qbconsole.sync.book", "book"),
    ("qbconsole.sources", "shopify"),
    ("qbconsole.pull", "shopify"),
    ("qbconsole.host", "plugins"),
    ("qbconsole.plugins", "plugins"),
    ("qbconsole.mapping", "mapping"),
    ("qbconsole.serve", "serve"),
)
SOURCES = ("qbwc", "book", "shopify", "plugins", "mapping", "serve", "other")
_TOLD_APART = frozenset({"timestamp", "level", "event", "logger"})
#: Told last: names that are long, or the same on many lines.
_LAST = frozenset({"document", "ticket", "subject", "next", "company", "revision", "set", "bytes"})
_decoder = msgspec.json.Decoder(dict[str, Any])


class LogLine(Value):
    """One line, read. Texts are outside text: show them through `visible.safe`."""

    #: Bytes of the line without its end.
    size: int
    #: ISO instant as written; "" where the line is no JSON.
    at: str
    #: One of LEVELS as written, or another word; "" where the line is no JSON.
    level: str
    source: str
    #: What happened, or the line as it is where it is no JSON.
    event: str
    fields: tuple[tuple[str, str], ...] = ()

    @property
    def gravity(self) -> int:
        """The place of its level in LEVELS; a line without one, or with a word of its own, is as grave as can be."""
        return _GRAVE.get(self.level.casefold(), len(LEVELS) - 1)

    @property
    def is_error(self) -> bool:
        """Whether it tells of an error; a line that is no JSON tells nothing."""
        return bool(self.level) and LEVELS[self.gravity] == GRAVEST

    @property
    def told(self) -> str:
        """What a person reads after level and source: "recorded document=… ms=41"."""
        return " ".join((self.event, *(f"{name}={value}" for name, value in self.fields)))

    def value(self, name: str) -> str | None:
        """A field by its name, the four that every line has among them."""
        own = {"level": self.level, "source": self.source, "event": self.event, "timestamp": self.at}
        return own[name] if name in own else dict(self.fields).get(name)


def read_line(raw: bytes) -> LogLine:
    """Read one line; what is no JSON object is told as text."""
    try:
        told = _decoder.decode(raw)
    except (msgspec.MsgspecError, RecursionError, ValueError):
        words = raw.decode("utf-8", "replace")
        return LogLine(size=len(raw), at="", level="", source="other", event=words)
    names = sorted((name for name in told if name not in _TOLD_APART), key=_LAST.__contains__)
    return LogLine(
        size=len(raw),
        at=_text(told.get("timestamp", "")),
        level=_text(told.get("level", "info")),
        source=source_of(_text(told.get("logger", ""))),
        event=_text(told.get("event", "")),
        fields=tuple((name, _text(told[name])) for name in names),
    )


def source_of(logger: str) -> str:
    """The part of qbconsole a logger belongs to."""
    return next((source for name, source in _LOGGERS if logger.startswith(name)), "other")


def _text(value: object) -> str:
    return value if isinstance(value, str) else msgspec.json.encode(value).decode()
