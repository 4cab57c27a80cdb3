"""Quarantine: a merchant whose plugin failed posts nothing until it is mended; everybody else goes on.

Told as a hold on the merchant, with the plugin's file and line, so that status, queue and console show it. It is
tried again with every run of `book` and ends by itself.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from qbconsole.books.holds import Hold, Reason
from qbconsole.books.lifecycle import HoldState
from qbconsole.errors import PluginBroken, QbconsoleError
from qbconsole.rules.mapping.values import Merchant
from qbconsole.store import holds
from qbconsole.sync.means import Means
from qbconsole.sync.plugins.force import Standing
from qbconsole.sync.plugins.shelf import InForce

_REASONS = (Reason.PLUGIN_BROKEN, Reason.PLUGIN_NOT_TAKEN)


def subject_of(merchant: str) -> str:
    """What these holds hang on: "merchant/oak-ember"."""
    return f"merchant/{merchant}"


def refuse_broken(merchant: Merchant, standings: Mapping[str, Standing]) -> None:
    """Raise PluginBroken for the first plugin of a merchant of which no version may decide."""
    for name in merchant.plugins:
        standing = standings.get(name)
        if standing is not None and standing.trouble is not None and not standing.may_decide:
            raise standing.trouble


def stop(means: Means, merchant: Merchant, broken: QbconsoleError) -> None:
    """Keep why nothing of a merchant is booked."""
    hold = Hold(
        reason=Reason.PLUGIN_BROKEN,
        where=broken.where or merchant.id,
        sentence=f"{broken}. Nothing of {merchant.id} is booked until it is mended.",
        next_step=broken.next,
        subject=subject_of(merchant.id),
        cause=f"plugin_broken:{broken.where or merchant.id}",
    )
    _only(means, merchant, [hold])


def heal(means: Means, merchant: Merchant, standings: Mapping[str, Standing]) -> None:
    """A run went well: the quarantine ends; a newer version that was not taken is flagged."""
    told = [
        _not_taken(merchant, one.in_force, one.trouble)
        for one in map(standings.get, merchant.plugins)
        if one is not None and one.trouble is not None and one.in_force is not None
    ]
    _only(means, merchant, told)


def _not_taken(merchant: Merchant, last: InForce, trouble: PluginBroken) -> Hold:
    told = f"The last good version, {last.sha256[:12]}, goes on deciding for {merchant.id}."
    return Hold(
        reason=Reason.PLUGIN_NOT_TAKEN,
        where=trouble.where or merchant.id,
        sentence=f"{trouble}. {told}",
        next_step=trouble.next,
        subject=subject_of(merchant.id),
        cause=f"plugin_not_taken:{trouble.where or last.name}",
    )


def _only(means: Means, merchant: Merchant, wanted: Sequence[Hold]) -> None:
    """These and no other holds of our reasons stand open on the merchant."""
    subject = subject_of(merchant.id)
    with means.store.reading() as tx:
        known = [row for row in holds.holds_of(tx, subject) if row.state is HoldState.OPEN]
    ours = [row for row in known if row.hold.reason in _REASONS]
    if not ours and not wanted:
        return
    still = {(one.reason, one.where) for one in wanted}
    others = {row.hold.reason for row in known} - set(_REASONS)
    with means.store.atomic() as tx:
        holds.release_absent(tx, merchant.company, subject, [*still, *others], means.clock())
        holds.put_holds(tx, merchant.id, merchant.company, wanted, means.clock())


def blamed(names: Iterable[str], what: str) -> tuple[str, ...]:
    """Which of a merchant's plugins a sentence is about; all of them where it names none."""
    asked = tuple(names)
    return tuple(name for name in asked if what.startswith((f"plugin {name}:", f"plugin {name} "))) or asked
