"""The tree of errors: what went wrong outside, in one sentence, and what to do next.

    QbconsoleError
    ├── UsageError                exit 2: the command or its input is off
    │   ├── WorkspaceError        no workspace here, or it cannot be written
    │   ├── MappingInvalid        mappings.toml, with file:line for each fault
    │   ├── InputUnreadable       a file given to `pull --from-file` cannot be read
    │   └── TemplateBroken        a template does not render or does not validate
    ├── ShopifyError              exit 3 where retrying helps
    │   ├── ShopifyUnreachable    network, time-out, 5xx after all retries (3)
    │   ├── ShopifyThrottled      the cost bucket stayed empty (3)
    │   ├── ShopifyRefused        401, 402, 403, 404, 423, 430, ACCESS_DENIED (1)
    │   └── ShopifyContradiction  an answer we must not trust: search warning, other API version (1)
    ├── WebConnectorError
    │   ├── SoapUnreadable        an envelope that is no SOAP, too large, or hostile
    │   └── ResponseUnreadable    a qbXML answer that is cut off or no XML
    ├── StoreError
    │   ├── StoreLocked           another process writes (3)
    │   └── StoreBroken           damaged, newer than this program, disk full
    ├── MappingMoved              other decisions were put in force while it ran (3)
    ├── PluginBroken              a merchant's plugin, with file:line
    ├── ListenError               a port in use or an address refused
    └── BooksDoNotBalance         our own mistake: a law of accounting would be broken

Every error carries a stable code, one sentence, a place and a next step; `tests/errors` holds a sample of
each. Facts about a merchant's data are never errors: those are holds (`books.holds`).
"""

from __future__ import annotations

from typing import Any, ClassVar


class QbconsoleError(Exception):
    """Anything that stops a command with a sentence instead of a traceback."""

    code: ClassVar[str] = "error"
    #: 1 failed, 2 usage or configuration, 3 worth retrying unchanged.
    exit_status: ClassVar[int] = 1
    #: Used when the raiser knows nothing better.
    next_step: ClassVar[str] = "Run `qbconsole doctor`; it says what is wrong with this installation."

    def __init__(self, what: str, *, where: str = "", next: str = "") -> None:
        super().__init__(what)
        self.what = what
        self.where = where
        self.next = next or self.next_step

    def __str__(self) -> str:
        place = f" ({self.where})" if self.where else ""
        return f"{self.what}{place}"

    def as_dict(self) -> dict[str, str]:
        """The error as `--json` prints it."""
        return {"code": self.code, "what": self.what, "where": self.where, "next": self.next}

    def __reduce__(self) -> tuple[Any, ...]:
        # By default the sentence alone would be handed to __init__ again, which many kinds do not take: the process
        # that gets an error from another would fail on reading it.
        return _as_it_was, (type(self), self.args, self.__dict__)


def _as_it_was(kind: type[QbconsoleError], args: tuple[Any, ...], kept: dict[str, Any]) -> QbconsoleError:
    error = kind.__new__(kind, *args)
    error.__dict__.update(kept)
    return error


class UsageError(QbconsoleError):
    """The command cannot be carried out as it was given."""

    code = "usage"
    exit_status = 2
    next_step = "See `qbconsole --help`."


class WorkspaceError(UsageError):
    """No workspace at this place, or one that cannot be read or written."""

    code = "workspace"
    next_step = "Run `qbconsole init DIR` to make a workspace, or name one with --workspace."


class MappingInvalid(UsageError):
    """mappings.toml does not say something we can act on."""

    code = "mapping_invalid"
    next_step = "Correct the lines named; until then what they say counts nowhere."


class InputUnreadable(UsageError):
    """A file of shop facts cannot be read as what it claims to be."""

    code = "input_unreadable"
    next_step = "Export the file again; nothing of it was taken in."


class TemplateBroken(UsageError):
    """A template does not render, or renders what QuickBooks would refuse."""

    code = "template_broken"
    next_step = "Correct the template at the line named, or delete it to use the shipped one."


class ShopifyError(QbconsoleError):
    """Shopify did not give what was asked."""

    code = "shopify"


class ShopifyUnreachable(ShopifyError):
    """No usable answer after all retries."""

    code = "shopify_unreachable"
    exit_status = 3
    next_step = "Try again later; the next pull goes on where this one stopped."


class ShopifyThrottled(ShopifyError):
    """The shop's query budget stayed empty."""

    code = "shopify_throttled"
    exit_status = 3
    next_step = "Wait a minute and pull again; another app may be using the same budget."


class ShopifyRefused(ShopifyError):
    """Shopify refuses: token, scope, plan or address."""

    code = "shopify_refused"
    next_step = "Check the app's token and its granted scopes in the Shopify admin."


class ShopifyContradiction(ShopifyError):
    """An answer that must not be trusted: another API version, or a filter that was ignored."""

    code = "shopify_contradiction"
    next_step = "Nothing of this answer was kept; update qbconsole."


class WebConnectorError(QbconsoleError):
    """What came over the Web Connector cannot be used."""

    code = "web_connector"


class SoapUnreadable(WebConnectorError):
    """A body that is no SOAP envelope, is too large, or is hostile."""

    code = "soap_unreadable"
    next_step = "Point the Web Connector at the AppURL of the .qwc file, with no proxy that rewrites bodies."


class ResponseUnreadable(WebConnectorError):
    """A qbXML answer that is cut off or is no XML; the requests stay in doubt and are probed."""

    code = "response_unreadable"
    next_step = "Nothing was concluded from it; the next session asks QuickBooks what became of the requests."


class StoreError(QbconsoleError):
    """The database cannot be used."""

    code = "store"


class StoreLocked(StoreError):
    """Another process is writing and did not let go in time."""

    code = "store_locked"
    exit_status = 3
    next_step = "Wait for the other command to finish, then run this one again."


class StoreBroken(StoreError):
    """The database is damaged, written by a newer program, or the disk is full."""

    code = "store_broken"
    next_step = "Free disk space or restore the newest file of .qbconsole/backups; write nothing before."


class MappingMoved(QbconsoleError):
    """Booking decided by a mapping that is not in force any more; nothing of that is kept."""

    code = "mapping_moved"
    exit_status = 3
    next_step = "Run `qbconsole book` again: it decides by what is in force now."


class PluginBroken(QbconsoleError):
    """A merchant's plugin failed; that merchant's posting stops until it is mended."""

    code = "plugin_broken"
    next_step = "Mend the plugin at the line named, or take it out of the merchant's `plugins` list."


class ListenError(UsageError):
    """The service cannot listen where it was told to."""

    code = "listen"
    next_step = "Choose another --port, or stop the program that holds this one."


class BooksDoNotBalance(QbconsoleError):
    """A law of accounting would be broken; nothing was written."""

    code = "books_do_not_balance"
    next_step = "Report it with `qbconsole show ID --json`; the order is held, all others go on."
