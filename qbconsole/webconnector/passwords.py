"""Passwords of the Web Connector: made by us, kept as argon2id, compared in the same time for any user.

19 MiB, two passes, one lane: 25 ms as measured in reference/reliability.md c3; ask `throttle` first. A password
is never logged and never stored in clear.
"""

from __future__ import annotations

import functools
import re
import secrets

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

_HASHER = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)
_ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"  # Crockford's: no i, l, o, u
_GROUPS, _GROUP = 7, 4  # 28 symbols of 5 bits: 140 bits
_MISREAD = str.maketrans("oil", "011")
_SEPARATORS = re.compile(r"[\s-]+")
_GENERATED = re.compile(f"[{_ALPHABET}]{{{_GROUPS * _GROUP}}}")
#: Longer than any password; hashing megabytes for a stranger would be a gift.
MAX_CHARACTERS = 256


def generate() -> str:
    """Return a new password of 140 bits in seven groups of four, easy to read aloud and to type."""
    groups = ("".join(secrets.choice(_ALPHABET) for _ in range(_GROUP)) for _ in range(_GROUPS))
    return "-".join(groups)


def hash_password(password: str) -> str:
    """Return the argon2id hash to store."""
    return _HASHER.hash(_canonical(password))


def verify(password: str, stored: str | None) -> bool:
    """Compare with the stored hash; `None` (no such user) costs the same time and is always False.

    A generated password may be typed in capitals, with blanks for hyphens, and with O for 0 or I and L for 1.
    """
    nobody = _nobody()
    if len(password) > MAX_CHARACTERS:
        return False
    try:
        return _HASHER.verify(stored or nobody, _canonical(password)) and stored is not None
    except (VerificationError, InvalidHashError):
        return False


def needs_rehash(stored: str) -> bool:
    """Tell whether a hash was made with other parameters than today's."""
    return _HASHER.check_needs_rehash(stored)


def _canonical(password: str) -> str:
    """Undo the slips of typing, but only for what is shaped like a password of ours."""
    compact = _SEPARATORS.sub("", password).lower().translate(_MISREAD)
    return compact if _GENERATED.fullmatch(compact) else password


@functools.cache
def _nobody() -> str:
    """Hash of a password nobody knows; made before any comparison, so the first one tells nothing."""
    return _HASHER.hash(secrets.token_hex(16))
