"""Writes the .qwc file that introduces us to a Web Connector. Pure; there is no password in it.

The GUIDs come from the caller and must be the same each time: QBWC stamps the FileID into the company file and
refuses a changed pair (QBWC1039). Names differ by company, or QBWC takes two companies for one application.
Source: reference/qbwc-protocol.md section 4.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from urllib.parse import SplitResult, urlsplit
from xml.sax.saxutils import escape

from qbconsole.errors import UsageError
from qbconsole.visible import safe

DESCRIPTION_CHARACTERS = 80


@dataclass(frozen=True, slots=True, kw_only=True)
class QwcFile:
    """What one company file's Web Connector has to know.

    `url` is where our service answers; `support_url` a page on the same domain, the service itself where
    empty. `every_minutes` is the first setting of the scheduler (the user may change it), None for none.
    """

    company: str
    company_name: str
    user: str
    url: str
    owner_id: uuid.UUID
    file_id: uuid.UUID
    support_url: str = ""
    every_minutes: int | None = 15
    unattended: bool = True


def qwc(file: QwcFile) -> str:
    """Return the text of the .qwc file, to be saved as UTF-8; UsageError where QBWC would refuse it."""
    application = _checked_url(file.url)
    support = file.support_url or file.url
    if not _same_domain(application, _checked_url(support)):
        raise UsageError(
            "the support page must be on the same domain as the service",
            where=support,
            next="Give a page under the host of the service's URL, or none.",
        )
    for what, value in (("company", file.company), ("user name", file.user)):
        if not value.strip() or not value.isprintable():
            raise UsageError(f"the {what} for the .qwc file is empty or holds control characters")
    rows = [
        ("AppName", f"qbconsole {file.company}"),
        ("AppID", ""),
        ("AppURL", file.url),
        ("AppDescription", _description(file)),
        ("AppSupport", support),
        ("UserName", file.user),
        ("OwnerID", f"{{{file.owner_id}}}"),
        ("FileID", f"{{{file.file_id}}}"),
        ("QBType", "QBFS"),
        ("Style", "Document"),
        ("AppDisplayName", f"qbconsole {file.company}"),
        ("AppUniqueName", f"qbconsole {file.company}"),
        ("IsReadOnly", "false"),
        ("Notify", "false"),
        ("PersonalDataPref", "pdpNotNeeded"),
        ("UnattendedModePref", "umpRequired" if file.unattended else "umpOptional"),
        ("AuthFlags", "0xF"),
    ]
    lines = [f"  <{name}>{escape(value)}</{name}>" for name, value in rows]
    return "\n".join(
        ['<?xml version="1.0" encoding="utf-8"?>', "<QBWCXML>", *lines, *_scheduler(file), "</QBWCXML>", ""]
    )


def _scheduler(file: QwcFile) -> list[str]:
    if file.every_minutes is None:
        return []
    if file.every_minutes < 1:
        raise UsageError("the Web Connector cannot run more often than once a minute")
    return [f"  <Scheduler><RunEveryNMinutes>{file.every_minutes}</RunEveryNMinutes></Scheduler>"]


def _description(file: QwcFile) -> str:
    return safe(f"Shopify books for {file.company_name}", limit=DESCRIPTION_CHARACTERS)


def _checked_url(url: str) -> SplitResult:
    """QBWC takes https, and plain http for the name localhost only."""
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname, parts.port
    except ValueError as fault:
        raise UsageError("this is no URL", where=url) from fault
    secure = parts.scheme == "https" or (parts.scheme == "http" and host == "localhost")
    if not host or not secure or parts.username or not url.isascii() or not url.isprintable() or " " in url:
        raise UsageError(
            "the Web Connector takes https URLs only, and http for the name localhost",
            where=safe(url, limit=200),
            next="Give --url https://your-host/…, or http://localhost:PORT/… on the QuickBooks machine itself.",
        )
    return parts


def _same_domain(application: SplitResult, support: SplitResult) -> bool:
    """Equal hosts, or one below the other (`www.` and the like)."""
    one, other = application.hostname or "", support.hostname or ""
    return one == other or one.endswith(f".{other}") or other.endswith(f".{one}")
