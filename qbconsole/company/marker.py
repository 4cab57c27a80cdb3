"""Our marker: one private text on the company object that says which books these are and how far we got.

Compared with the store's own serial it tells a restored company file (marker behind us), a restored store of
ours (marker ahead), a swapped file (other epoch) and a file never linked (no marker). A marker that is there
but cannot be read is never taken for no marker. It holds nothing about the merchant.
Source: reliability.md section b1 and faults F31-F34; the field holds 255 characters (STR255TYPE).
"""

from __future__ import annotations

import re
import zlib
from dataclasses import dataclass

#: The longest text a marker may have.
MAX_LENGTH = 255
_VERSION = 1
_ID = re.compile(r"[A-Za-z0-9-]{1,64}")
_TEXT = re.compile(
    r"qbc(?P<version>\d{1,4});epoch=(?P<epoch>[A-Za-z0-9-]{1,64});serial=(?P<serial>\d{1,18});"
    r"install=(?P<install>[A-Za-z0-9-]{1,64});check=(?P<check>[0-9a-f]{8})",
    re.ASCII,
)


class MarkerUnreadable(ValueError):
    """There is a marker, but it is damaged, edited by hand or of a newer version: stop, never relink."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Marker:
    """What we leave in the company file at the end of a session."""

    #: Names this life of the books; a new one begins when an operator relinks or accepts a restore.
    company_epoch: str
    #: Rises with every session that was recorded.
    serial: int
    #: Which installation of ours wrote it.
    install_id: str

    def __post_init__(self) -> None:
        for name, text in (("company epoch", self.company_epoch), ("install id", self.install_id)):
            if not _ID.fullmatch(text):
                raise ValueError(f"a marker's {name} is 1 to 64 letters, digits and hyphens, not {text!r}")
        if not 0 <= self.serial < 10**18:
            raise ValueError(f"a marker's serial is a whole number from 0 to 10^18 - 1, not {self.serial!r}")

    def to_text(self) -> str:
        """The text for DataExtValue, at most 255 characters."""
        body = f"qbc{_VERSION};epoch={self.company_epoch};serial={self.serial};install={self.install_id}"
        return f"{body};check={_checksum(body)}"

    @classmethod
    def from_text(cls, text: str) -> Marker:
        """Read what to_text wrote. Raises MarkerUnreadable for anything else."""
        match = _TEXT.fullmatch(text.strip())
        if match is None:
            newer = re.match(r"qbc(\d{1,4});", text.strip())
            if newer and int(newer[1]) > _VERSION:
                raise MarkerUnreadable("the marker was written by a newer qbconsole")
            raise MarkerUnreadable("the marker in the company file is damaged or was edited")
        if int(match["version"]) != _VERSION:
            raise MarkerUnreadable("the marker was written by a newer qbconsole")
        if match["check"] != _checksum(match.string[: match.start("check") - len(";check=")]):
            raise MarkerUnreadable("the marker in the company file is damaged or was edited")
        return cls(company_epoch=match["epoch"], serial=int(match["serial"]), install_id=match["install"])


def _checksum(body: str) -> str:
    return f"{zlib.crc32(body.encode('ascii')):08x}"
