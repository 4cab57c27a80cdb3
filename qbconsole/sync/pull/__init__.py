"""pull: shop facts into snapshots, kept raw as they came.

A snapshot is immutable; an older one never replaces a newer one (convention 29). Cursors move in the commit of
the rows they cover. Nothing is booked here.
"""

from __future__ import annotations

from qbconsole.sync.means import TEST_WANTED
from qbconsole.sync.pull.fees import pull_fees
from qbconsole.sync.pull.file import pull_file
from qbconsole.sync.pull.keep import Pulled
from qbconsole.sync.pull.shop import CURSOR, SETTLING, pull_shop, shop_of

__all__ = [
    "CURSOR",
    "SETTLING",
    "TEST_WANTED",
    "Pulled",
    "pull_fees",
    "pull_file",
    "pull_shop",
    "shop_of",
]
