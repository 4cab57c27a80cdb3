"""Filing answers: a table of purposes. Each says what one kind of answer changes; all in the caller's commit."""

from __future__ import annotations

from collections.abc import Callable

from qbconsole.sync.deliver.phases import (
    changed,
    clear,
    deleted,
    identify,
    lists,
    look,
    marker,
    probe,
    recall,
    recheck,
    send,
    verify,
)
from qbconsole.sync.deliver.session import Notes
from qbconsole.sync.deliver.turn import Filing

#: Purpose of a set -> what its answer changes.
FILED: dict[str, Callable[[Filing], Notes]] = {
    "identify": identify.filed,
    "missing": identify.filed_missing,
    "probe": probe.filed,
    "look": look.filed,
    "deleted": deleted.filed,
    "lists": lists.filed_whole,
    "page": lists.filed_page,
    "recheck": recheck.filed,
    "reread": recheck.filed_again,
    "link": marker.filed_link,
    "promise": marker.filed_promise,
    "recall": recall.filed,
    "send": send.filed,
    "verify": verify.filed,
    "changes": changed.filed_short,
    "changed": changed.filed,
    "mark": marker.filed_mark,
    "clear": clear.filed,
}


def file(filing: Filing) -> Notes:
    """File an answer by its purpose; gives the session's notes after it."""
    return FILED[filing.set.purpose.partition(":")[0]](filing)
