"""What an operator says about a Web Connector that went quiet with requests in hand: it does not come back."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from qbconsole.store.database import Store
from qbconsole.sync.deliver.doubt.silence import Silent, declare_gone, silent_sets


def silent_connectors(store: Store, company: str) -> list[Silent]:
    """What silent connectors took of a company's requests, the oldest first."""
    with store.reading() as tx:
        return silent_sets(tx, company)


def let_others_ask(store: Store, company: str, who: str, clock: Callable[[], datetime]) -> list[Silent]:
    """The silent ones are gone: the next session of any connector asks QuickBooks what became of their requests.

    Gives which they were. Nothing becomes ready by this alone.
    """
    at = clock()
    with store.atomic() as tx:
        return declare_gone(tx, company, who, at)
