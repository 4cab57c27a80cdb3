"""Holds: why something waits for a person, as a value with a sentence and a next step.

A hold keeps an event out of the books or a document out of QuickBooks; a flag only asks for a look, the
posting is made. Reason codes are an interface: `postings --json`, scripts and tests read them.
"""

from __future__ import annotations

from enum import StrEnum

from qbconsole.value import Value


class Reason(StrEnum):
    """Why, as an exact string."""

    TEST_ORDER = "test_order"  # a test order or test tender
    AUTHORIZED_UNCAPTURED = "authorized_uncaptured"  # money promised, not taken
    AWAITING_PAYOUT = "awaiting_payout"  # summed by payout, and no payout that pays it out is known yet
    VOIDED = "voided"  # the promise lapsed or was taken back
    CURRENCY_MISMATCH = "currency_mismatch"  # the order's currency is not the company's
    INCOMPLETE_ORDER = "incomplete_order"  # a field an amount needs is missing
    DOES_NOT_ADD_UP = "does_not_add_up"  # the parts are not the total
    BEFORE_START = "before_start"  # older than the merchant's start date
    CLOSED_PERIOD = "closed_period"  # dated in a closed period
    UNKNOWN_SALE = "unknown_sale"  # a kind of sale newer than this program
    UNKNOWN_KIND = "unknown_kind"  # a status or movement newer than this program
    UNKNOWN_BALANCE_ROW = "unknown_balance_row"  # flag: a balance row of a type newer than this program
    REFUND_RESIDUAL_REVIEW = "refund_residual_review"  # flag: money beyond what the refund's parts explain
    NO_UNIT_COST = "no_unit_cost"  # flag: Shopify tells no cost, so none is posted
    BILL_AFTER_RECEIPT = "bill_after_receipt"  # flag: an item receipt waits to be made the vendor's bill
    SUMMARY_NOT_TOLD = (
        "summary_not_told"  # flag: a day booked by an older program cannot be told apart any more
    )
    ORDER_LEFT_OPEN = "order_left_open"  # flag: a cancelled order's sales order is to be closed by hand
    BILLED_NOT_RECEIVED = "billed_not_received"  # flag: the vendor billed goods that have not arrived
    COUNTED_WITH_ORDER = "counted_with_order"  # stock moved by an order or return, which posts it itself
    FILTERED = "filtered"  # left out by the merchant's filter
    PLUGIN_HOLD = "plugin_hold"  # a merchant's plugin asked to wait
    PLUGIN_BROKEN = "plugin_broken"  # a merchant's plugin failed
    PLUGIN_NOT_TAKEN = (
        "plugin_not_taken"  # flag: a changed plugin failed its tests; the last good one decides
    )
    REAUTH = "reauth"  # Shopify does not let us read the shop any more
    API_VERSION = "api_version"  # Shopify answers as another API version; nothing of it is believed
    PRIVACY_REQUEST = "privacy_request"  # flag: Shopify demands what a person has to do about a buyer's data
    ORDER_NOT_FOUND = "order_not_found"  # flag: a webhook told of an order that Shopify does not show
    NOT_READ_WHOLE = "not_read_whole"  # Shopify gives only a part of it, and half of it is never booked
    CHANGED_AFTER_BOOKING = "changed_after_booking"  # Shopify now tells a booked event differently
    LAW_BROKEN = "law_broken"  # our own mistake, caught by the proof
    UNMAPPED = "unmapped"  # delivery only: no account, item or tax named for it
    UNREGISTERED = "unregistered"  # delivery only: tax of a province the merchant is not registered in
    MISSING_NAME = "missing_name"  # delivery only: the name is not in QuickBooks and may not be created
    TEMPLATE = "template"  # delivery only: the template gave something QuickBooks would refuse
    EDITION = "edition"  # delivery only: this edition of QuickBooks has no such document, or did not say yet
    REFUSED = "refused"  # delivery only: QuickBooks refused it
    MAY_BE_CONDENSED = "may_be_condensed"  # delivery only: in doubt, and of condensed days
    MAY_BE_REDATED = "may_be_redated"  # delivery only: in doubt, and perhaps in the entry of another day
    NOT_TOLD = "not_told"  # delivery only: in doubt, and QuickBooks does not say whether it has it
    CONNECTOR_SILENT = "connector_silent"  # delivery only: sent, and its Web Connector was not heard of since
    WAITS_FOR = "waits_for"  # delivery only: QuickBooks did not take what it needs
    DELETED_IN_QUICKBOOKS = "deleted_in_quickbooks"  # delivery only: somebody deleted it there
    LOST_BY_RESTORE = "lost_by_restore"  # delivery only: gone because an older company file was restored
    TAX_DIFFERENCE = "tax_difference"  # delivery only: QuickBooks computes more than pennies of other tax
    AMOUNTS_DIFFER = "amounts_differ"  # flag: QuickBooks recorded other amounts than planned
    BYTES_CHANGED = "bytes_changed"  # flag: QuickBooks knows a set with other bytes; our own mistake
    DRIFTED = "drifted"  # flag: somebody changed it in QuickBooks
    TWICE_IN_QUICKBOOKS = "twice_in_quickbooks"  # flag: another document there carries the same key of ours


#: What a person may let go though its cause stays: somebody asked for a look, and it was looked at.
ASKED = frozenset({Reason.PLUGIN_HOLD})
#: Listed beside a posting that is made all the same.
FLAGS = frozenset(
    {
        Reason.REFUND_RESIDUAL_REVIEW,
        Reason.AMOUNTS_DIFFER,
        Reason.BYTES_CHANGED,
        Reason.DRIFTED,
        Reason.TWICE_IN_QUICKBOOKS,
        Reason.NO_UNIT_COST,
        Reason.UNKNOWN_BALANCE_ROW,
        Reason.BILL_AFTER_RECEIPT,
        Reason.BILLED_NOT_RECEIVED,
        Reason.ORDER_LEFT_OPEN,
        Reason.SUMMARY_NOT_TOLD,
        Reason.PLUGIN_NOT_TAKEN,
        Reason.PRIVACY_REQUEST,
        Reason.ORDER_NOT_FOUND,
    }
)
#: Told by a pull; deciding the case anew neither finds nor cures it.
PULLED = frozenset({Reason.ORDER_NOT_FOUND, Reason.NOT_READ_WHOLE})
#: The postings stand; only the way to QuickBooks is blocked.
DELIVERY = frozenset(
    {
        Reason.UNMAPPED,
        Reason.UNREGISTERED,
        Reason.MISSING_NAME,
        Reason.TEMPLATE,
        Reason.EDITION,
        Reason.REFUSED,
        Reason.MAY_BE_CONDENSED,
        Reason.MAY_BE_REDATED,
        Reason.NOT_TOLD,
        Reason.CONNECTOR_SILENT,
        Reason.WAITS_FOR,
        Reason.DELETED_IN_QUICKBOOKS,
        Reason.LOST_BY_RESTORE,
        Reason.TAX_DIFFERENCE,
    }
)


class Released(Value):
    """A hold that a person let go: it keeps nothing back any more."""

    subject: str
    reason: Reason
    where: str


class Hold(Value):
    """One reason to wait."""

    reason: Reason
    #: "order #1001 line 2"
    where: str
    #: One sentence, amounts included.
    sentence: str
    #: What to do, in the imperative.
    next_step: str
    #: Event or document key it hangs on.
    subject: str = ""
    #: Holds with the same cause are cured together: "unmapped:tax:CA-ORANGE".
    cause: str = ""

    @property
    def is_flag(self) -> bool:
        """True when the posting is made all the same."""
        return self.reason in FLAGS

    @property
    def released(self) -> Released:
        """What it is known by once a person lets it go."""
        return Released(subject=self.subject, reason=self.reason, where=self.where)
