"""The envelope around requests: version line, error mode and the message-set ids that make a resend harmless.

The envelope is frozen when it is sent: a resend has the same id and the same bytes, and QuickBooks answers it
from memory instead of running it again. Source: protocol notes, sections 6, 7 and 17.
"""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Sequence
from typing import Literal
from xml.sax.saxutils import quoteattr

OnError = Literal["stopOnError", "continueOnError", "rollbackOnError"]
#: Oldest version whose elements we use without leaving any out; what is spoken where no host was met yet.
OLDEST = (13, 0)
#: Newest version our requests were held against.
NEWEST = (16, 0)
#: Longest message-set id QuickBooks takes; a longer one is refused with 9004.
MESSAGE_SET_ID = 24
#: As `envelope` writes them.
_IDS = re.compile(
    r'<QBXMLMsgsRq [^>]*?newMessageSetID="(?P<new>[^"]*)"(?: oldMessageSetID="(?P<old>[^"]*)")?'
)


class HostTooOld(ValueError):
    """A QuickBooks that speaks no qbXML we write; its sentence is for the operator."""


def envelope(
    fragments: Sequence[str],
    *,
    version: str,
    on_error: OnError = "continueOnError",
    new_id: str | None = None,
    old_id: str | None = None,
) -> str:
    """Wrap requests, in order, into one document. Raises ValueError for an id of more than 24 characters."""
    ids = ""
    for name, value in (("newMessageSetID", new_id), ("oldMessageSetID", old_id)):
        if value is None:
            continue
        if not 0 < len(value) <= MESSAGE_SET_ID:
            raise ValueError(f"{name} is 1 to {MESSAGE_SET_ID} characters, not {len(value)}: {value!r}")
        ids += f" {name}={quoteattr(value)}"
    body = "\n".join(fragments)
    return (
        '<?xml version="1.0" encoding="utf-8"?>\n'
        f'<?qbxml version="{version}"?>\n'
        f'<QBXML>\n<QBXMLMsgsRq onError="{on_error}"{ids}>\n'
        f"{body}\n"
        "</QBXMLMsgsRq>\n</QBXML>\n"
    )


def message_set_id(epoch: str, keys: Sequence[str], body: str, attempt: int) -> str:
    """Name a message set: the same for the same company epoch, requests in order, body and attempt.

    20 characters. The attempt rises only after a probe proved that nothing of the set is in QuickBooks, or
    after QuickBooks refused the whole set unprocessed.
    """
    digest = hashlib.sha256()
    # Lengths before the parts: two lists of keys can never run together into the same bytes.
    for part in (epoch, *keys, body, str(attempt)):
        data = part.encode()
        digest.update(len(data).to_bytes(8, "big"))
        digest.update(data)
    return base64.b32encode(digest.digest()).decode()[:20]


def status_check(set_id: str, version: str) -> str:
    """Ask what became of a message set, without sending it again."""
    return envelope((), version=version, new_id=set_id, old_id=set_id)


def forgotten_by(body: str) -> str:
    """The message set that QuickBooks forgets with this one, "" where it forgets none or is only asked."""
    found = _IDS.search(body)
    return found["old"] or "" if found is not None and found["old"] != found["new"] else ""


def clear(set_id: str, version: str) -> str:
    """Let QuickBooks forget a message set whose outcome is recorded."""
    return envelope((), version=version, old_id=set_id)


def choose_version(supported: Sequence[str] | None) -> str:
    """Choose the version to speak: the host's highest, at most 16.0; 13.0 where no host was met yet.

    `supported` is HostRet's list of SupportedQBXMLVersion; country prefixes as in "CA3.0" are other editions'.
    Raises HostTooOld below 13.0.
    """
    if supported is None:
        return _text(OLDEST)
    spoken = [version for version in map(_parsed, supported) if version is not None]
    highest = min(max(spoken, default=(0, 0)), NEWEST)
    if highest < OLDEST:
        newest = _text(highest) if spoken else "nothing we know"
        raise HostTooOld(
            f"this QuickBooks speaks qbXML {newest} at most; qbconsole needs {_text(OLDEST)}, "
            "which QuickBooks 2014 and later speak"
        )
    return _text(highest)


def _parsed(version: str) -> tuple[int, int] | None:
    major, _, minor = version.strip().partition(".")
    if not (major.isascii() and major.isdigit()):
        return None
    return int(major), int(minor) if minor.isascii() and minor.isdigit() else 0


def _text(version: tuple[int, int]) -> str:
    return f"{version[0]}.{version[1]}"
