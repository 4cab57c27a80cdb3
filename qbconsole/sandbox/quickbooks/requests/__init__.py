"""What QuickBooks does with each request; `HANDLERS` is the whole table."""

from qbconsole.sandbox.quickbooks.requests import (
    about,
    changing,
    journals,
    lists,
    queries,
    sales,
    settling,
)
from qbconsole.sandbox.quickbooks.requests.desk import Handler

HANDLERS: dict[str, Handler] = {
    **about.HANDLERS,
    **lists.HANDLERS,
    **sales.HANDLERS,
    **settling.HANDLERS,
    **journals.HANDLERS,
    **changing.HANDLERS,
    **queries.HANDLERS,
}
