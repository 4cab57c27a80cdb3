"""The log: one JSON object a line in `.qbconsole/logs/qbconsole.jsonl`, rotated, readable by its owner alone.

Tokens and passwords never reach it: values under telling names, and whatever looks like a token, are replaced.
Several processes write it; each notices when another has turned the page.
"""

from __future__ import annotations

import json
import logging
import os
import re
import sys
from collections.abc import Mapping, MutableMapping
from contextlib import suppress
from logging.handlers import RotatingFileHandler
from pathlib import Path
from typing import Any

import structlog

FILE = "qbconsole.jsonl"
_BYTES, _BACKUPS = 5_000_000, 5
REDACTED = "[redacted]"
_SECRET_NAME = re.compile(
    r"password|passwd|token|secret|authorization|cookie|api_?key|credential|hmac|strpassword", re.IGNORECASE
)
_SECRET_TEXT = re.compile(
    r"\bshp[a-z]{2}_[0-9A-Za-z]+|(?<=Bearer )\S+|(?<=<strPassword>)[^<]*|\$argon2id?\$\S+"
    r"|\b(?:[0-9a-hjkmnp-tv-z]{4}-){6}[0-9a-hjkmnp-tv-z]{4}\b"
)
_Event = MutableMapping[str, Any]


def redacted(value: Any) -> Any:
    """The same without secrets."""
    if isinstance(value, str):
        return _SECRET_TEXT.sub(REDACTED, value)
    if isinstance(value, Mapping):
        return {
            name: REDACTED if _SECRET_NAME.search(str(name)) else redacted(one) for name, one in value.items()
        }
    if isinstance(value, list | tuple):
        return [redacted(one) for one in value]
    return value


def _redact(_logger: Any, _method: str, event: _Event) -> _Event:
    event.pop("color_message", None)  # uvicorn's second wording, for terminals
    clean: dict[str, Any] = redacted(dict(event))
    return clean


def _written(_logger: Any, _method: str, event: _Event) -> str:
    """One JSON object a line. What was told of many things at once, under `each`, is a line for each of them."""
    each = event.pop("each", None) or [{}]
    return "\n".join(json.dumps({**event, **one}, default=repr) for one in each)


class _Private(RotatingFileHandler):
    """Mode 0600, and opened anew when another process rotated the file. It never stops what it tells of."""

    _failed = _told = False

    def _open(self) -> Any:
        os.close(os.open(self.baseFilename, os.O_CREAT | os.O_APPEND | os.O_WRONLY, 0o600))
        return super()._open()

    def emit(self, record: logging.LogRecord) -> None:
        """Write one line into the file that has the name now."""
        self._failed = False
        try:
            if self.stream and not self._same():
                self.stream.close()
                self.stream = self._open()
            super().emit(record)
        except OSError:
            self.handleError(record)
        self._told = self._told and self._failed

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802  logging's name
        """Say once that lines are lost: the disk is full, or the file is not ours to write."""
        cause, self._failed = sys.exc_info()[1], True
        if not isinstance(cause, OSError):
            super().handleError(record)
        elif not self._told:
            self._told = True
            with suppress(OSError, ValueError):
                why = cause.strerror or str(cause)
                lost = f"until it can, its lines are lost. ({self.baseFilename})"
                sys.stderr.write(f"The log cannot be written: {why}; {lost}\n")

    def _same(self) -> bool:
        try:
            named = Path(self.baseFilename).stat()
        except OSError:
            return False
        held = os.fstat(self.stream.fileno()) if self.stream else None
        return held is not None and (named.st_dev, named.st_ino) == (held.st_dev, held.st_ino)


_SHARED: tuple[Any, ...] = (
    structlog.contextvars.merge_contextvars,
    structlog.stdlib.add_log_level,
    structlog.stdlib.add_logger_name,
    structlog.stdlib.ExtraAdder(),
    structlog.processors.TimeStamper(fmt="iso", utc=True),
    structlog.processors.format_exc_info,
)


def keep_log(folder: Path, *, write: bool = True, level: int = logging.INFO) -> None:
    """Send every log of this process to the file; nothing ever goes to stdout. Without a file it is dropped."""
    handler = _handler(folder) if write else logging.NullHandler()
    formatter = structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=_SHARED,
        processors=[
            structlog.stdlib.ProcessorFormatter.remove_processors_meta,
            _redact,
            _written,
        ],
    )
    handler.setFormatter(formatter)
    root = logging.getLogger()
    for old in [one for one in root.handlers if isinstance(one, _Private | logging.NullHandler)]:
        root.removeHandler(old)
        old.close()
    root.addHandler(handler)
    root.setLevel(level)
    for chatty in ("httpx", "httpcore", "alembic", "asyncio", "uvicorn"):
        logging.getLogger(chatty).setLevel(logging.WARNING)
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *_SHARED,
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=False,
    )


def _handler(folder: Path) -> logging.Handler:
    try:
        folder.parent.mkdir(mode=0o700, exist_ok=True)
        folder.mkdir(mode=0o700, exist_ok=True)
        return _Private(folder / FILE, maxBytes=_BYTES, backupCount=_BACKUPS, encoding="utf-8")
    except OSError:
        # A disk that is full or read-only must not stop the command that tells so.
        return logging.NullHandler()
