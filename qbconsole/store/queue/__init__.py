"""The queue as one list: documents, held orders and list entries on their way, cheap to count and to page.

Reads across the families and writes nothing. `ids` gives numbers only, so that a hundred thousand rows fit;
`lines` gives what one page shows. What a row is called and how it reads is `views.queue`'s.
"""

from qbconsole.store.queue.calling import ids_called, ids_of_key
from qbconsole.store.queue.holding import open_holds_of, others_with
from qbconsole.store.queue.listing import ids, lines
from qbconsole.store.queue.rows import SORTS, Narrow, QueueId, QueueLine

__all__ = [
    "SORTS",
    "Narrow",
    "QueueId",
    "QueueLine",
    "ids",
    "ids_called",
    "ids_of_key",
    "lines",
    "open_holds_of",
    "others_with",
]
