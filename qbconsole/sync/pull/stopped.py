"""Why nothing of a merchant is pulled: told as a hold on the merchant, ended by the first pull that goes well.

Only ingest stops: what was planned is delivered (reliability.md F06, F07).
"""

from __future__ import annotations

from qbconsole.books.holds import Hold, Reason
from qbconsole.books.lifecycle import HoldState
from qbconsole.errors import QbconsoleError
from qbconsole.rules.mapping.values import Merchant
from qbconsole.sources.shopify.answers import AccessLost, VersionRetired, Withheld
from qbconsole.store import holds
from qbconsole.sync.means import Means
from qbconsole.sync.pull.webhooks.nudges import uninstalled

_REASONS = (Reason.REAUTH, Reason.API_VERSION)
#: What ends a pull for longer than this one.
STOPPING = (AccessLost, VersionRetired, Withheld)
#: What ends it wherever it comes: of no other query an answer could be believed either.
EVERYWHERE = (AccessLost, VersionRetired)
_UNINSTALLED_STEP = "Install the app in the shop again, store its token with `qbconsole setup`, then pull."


def stop(means: Means, merchant: Merchant, cause: QbconsoleError) -> None:
    """Keep why nothing of a merchant is pulled any more."""
    gone = isinstance(cause, AccessLost) and uninstalled(means, merchant.id)
    told = "Shopify says that the app was taken out of the shop" if gone else str(cause)
    hold = Hold(
        reason=Reason.API_VERSION if isinstance(cause, VersionRetired) else Reason.REAUTH,
        where=merchant.id,
        sentence=f"{told}. Nothing of {merchant.id} is pulled until it is mended; what was planned is delivered.",
        next_step=_UNINSTALLED_STEP if gone else cause.next,
        subject=f"merchant/{merchant.id}",
        cause=f"not_pulled:{merchant.id}",
    )
    with means.store.atomic() as tx:
        holds.put_holds(tx, merchant.id, merchant.company, [hold], means.clock())


def heal(means: Means, merchant: Merchant) -> None:
    """A pull went well: what stopped it is over."""
    subject = f"merchant/{merchant.id}"
    with means.store.reading() as tx:
        known = [row for row in holds.holds_of(tx, subject) if row.state is HoldState.OPEN]
    if any(row.hold.reason in _REASONS for row in known):
        still = [(row.hold.reason, row.hold.where) for row in known if row.hold.reason not in _REASONS]
        with means.store.atomic() as tx:
            holds.release_absent(tx, merchant.company, subject, still, means.clock())
