"""The state of an installation on one page: companies, merchants, and what waits for a person, by cause."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa

from qbconsole.books.holds import Reason
from qbconsole.books.lifecycle import DocumentState, RequestState
from qbconsole.company.bearings import NOTE, REFUSED_LOGIN, Bearings, told_of
from qbconsole.rules.mapping.values import Mapping as Decisions
from qbconsole.rules.mapping.values import Merchant
from qbconsole.store import holds, lists, parties, requests, sessions, snapshots
from qbconsole.store.books import finding
from qbconsole.store.books.recorded import count_in
from qbconsole.store.database import Store
from qbconsole.store.holds import HoldRow
from qbconsole.store.requests import current
from qbconsole.store.sharing import schedule
from qbconsole.store.sharing.schedule import Standing
from qbconsole.views.approval import NOTHING, ToApprove, to_approve

#: Money is paid out in days; a payout that is not there after this long is not being pulled.
PAYOUTS_TAKE = timedelta(days=14)
#: A shop that syncs once a day is seen once a day; two hours of grace for a PC that was started late.
QUIET_AFTER = timedelta(hours=26)
#: A Web Connector comes every quarter of an hour; one that owes an answer and was not heard of for so long is told.
ANSWERS_TAKE = timedelta(hours=1)
#: Held for good or until the shop says more: listed, but nobody has to act.
QUIET = frozenset({Reason.TEST_ORDER, Reason.VOIDED, Reason.BEFORE_START, Reason.FILTERED})


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionLine:
    """One Web Connector session."""

    opened_at: datetime
    closed_at: datetime | None
    #: Sets of requests exchanged.
    requests: int
    phase: str
    last_error: str
    ticket: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CompanyStatus:
    """One company file."""

    id: str
    name: str
    #: Company name of the file that was linked; "" before the first session.
    linked_name: str
    file: str
    last_contact_at: datetime | None
    #: Why nothing is written to it; "" while all is well.
    stopped: str
    counts: Mapping[RequestState, int]
    #: Who works on it now; "" when nobody does.
    lease_owner: str
    #: QuickBooks' lists were read at least once.
    lists_known: bool
    #: Newest first, five at most.
    sessions: tuple[SessionLine, ...]
    #: It is stopped for its company file, and nobody said yet what to do: `company decide`.
    is_to_decide: bool = False
    #: Why documents of merchants wait that the mapping does not name any more; "" where there are none.
    waits: str = ""
    #: Why what is ready or without an answer does not move; "" where it may yet.
    quiet: str = ""
    #: A Web Connector gave a wrong password since the last right one; "" where none did.
    turned_away: str = ""
    #: The Web Connector was not heard of for longer than a day.
    is_silent: bool = False
    #: What waits for approval, as `plan` counts it.
    to_approve: ToApprove = NOTHING


@dataclass(frozen=True, slots=True, kw_only=True)
class MerchantStatus:
    """One shop."""

    id: str
    company: str
    shop: str
    orders: int
    #: Orders that `book` has not seen in their latest state.
    to_book: int
    documents: Mapping[DocumentState, int]
    #: Things kept back, and things that only ask for a look.
    held: int
    flagged: int
    last_pulled_at: datetime | None
    #: When it is synced next unasked, and how the last time went.
    schedule: Standing | None = None
    #: Why its unsent documents wait for `book`; "" where they do not.
    waits: str = ""
    #: Of `held`, those for which nobody has to act, or not yet.
    held_quietly: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Cause:
    """What one fix would cure."""

    cause: str
    reason: str
    sentence: str
    next_step: str
    count: int
    oldest_at: datetime
    subjects: tuple[str, ...]
    #: Nobody has to act, or not yet.
    is_quiet: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Status:
    """Everything of the dashboard. `held_by_cause`: the most frequent first."""

    companies: tuple[CompanyStatus, ...]
    merchants: tuple[MerchantStatus, ...]
    held_by_cause: tuple[Cause, ...]
    #: Of each company file that the mapping does not name any more and that has unsettled documents, why they wait.
    left_behind: tuple[str, ...] = ()
    #: Why no session begins on this computer, whichever company file calls.
    here: tuple[str, ...] = ()
    #: The mapping has one company file, so that a command need not say which.
    is_only_company: bool = True

    @property
    def attention(self) -> tuple[str, ...]:
        """A sentence for each thing that needs a person; empty when all is well."""
        return self.in_companies + tuple(
            f"{cause.count} × {cause.reason}: {cause.sentence}"
            for cause in self.held_by_cause
            if not cause.is_quiet
        )

    @property
    def things(self) -> int:
        """How many things need a person: what is held one by one, and what no hold tells."""
        held = sum(cause.count for cause in self.held_by_cause if not cause.is_quiet)
        return held + len(self.untold)

    @property
    def untold(self) -> tuple[str, ...]:
        """What no hold tells; what QuickBooks refused is held as well, unless nothing is."""
        told = self._stuck if any(not cause.is_quiet for cause in self.held_by_cause) else ()
        return tuple(one for one in self.in_companies if one not in told)

    @property
    def _stuck(self) -> tuple[str, ...]:
        """What does not go by itself any more: refused by QuickBooks, or kept back by us."""
        words = {
            RequestState.REFUSED: "QuickBooks refused {}.",
            RequestState.QUARANTINED: "{} are quarantined: none goes by itself.",
        }
        counts = [
            (one.id, said, one.counts.get(state, 0))
            for one in self.companies
            for state, said in words.items()
        ]
        return tuple(f"{company}: {said.format(count)}" for company, said, count in counts if count)

    @property
    def in_companies(self) -> tuple[str, ...]:
        """The part of it that no hold tells: no room, stopped companies, refusals, what waits for approval."""
        told = [*self.here]
        told += [f"{one.id}: {one.stopped}" for one in self.companies if one.stopped]
        told += self.left_behind
        for one in self.companies:
            told += [f"{one.id}: {why}" for why in (one.waits, one.turned_away, one.quiet) if why]
        told += self._stuck
        for company in self.companies:
            told += company.to_approve.sentences(company.id, alone=self.is_only_company)
        for merchant in self.merchants:
            trouble = merchant.schedule.trouble if merchant.schedule is not None else ""
            told += [f"{merchant.id}: {trouble}"] if trouble else []
            told += [merchant.waits] if merchant.waits else []
        return tuple(told)


def status(
    store: Store,
    mapping: Decisions,
    *,
    now: datetime,
    company: str | None = None,
    merchant: str | None = None,
) -> Status:
    """The page, for all, one company or one merchant; what the mapping names and was never used is zero."""
    shops = [
        one
        for one in mapping.merchants.values()
        if merchant in (None, one.id) and company in (None, one.company)
    ]
    chosen = {one.company for one in shops} if merchant else {company} if company else set(mapping.companies)
    with store.reading() as tx:
        open_holds = [
            row for row in holds.open_holds(tx, merchant=merchant, company=company) if row.company in chosen
        ]
        return Status(
            companies=tuple(
                _company(tx, entry.id, entry.name, entry.file, now, mapping)
                for entry in mapping.companies.values()
                if entry.id in chosen
            ),
            merchants=tuple(_merchant(tx, one, open_holds, now) for one in shops),
            is_only_company=len(mapping.companies) == 1,
            held_by_cause=_causes(open_holds, now),
            left_behind=tuple(_left_behind(*one) for one in behind_in(tx, mapping))
            if company is None and merchant is None
            else (),
        )


def behind_in(tx: sa.Connection, mapping: Decisions) -> tuple[tuple[str, int], ...]:
    """Company files that were taken out of the mapping, or whose id was changed there, and how many documents wait."""
    gone = [one.id for one in parties.all_companies(tx) if one.id not in mapping.companies]
    counted = ((one, count_in(tx, one, DocumentState.PLANNED)) for one in gone)
    return tuple((one, count) for one, count in counted if count)


def _left_behind(company: str, count: int) -> str:
    """No other line tells of these."""
    return (
        f"mappings.toml does not name the company file {company} any more: {count} documents of it are not recorded "
        f"and wait. Put [companies.{company}] and its merchants back and run `qbconsole book`; or leave them out "
        "(`qbconsole queue ignore KEY --reason TEXT`). Where its merchants post into another company file now, "
        "`qbconsole book` takes there what never left."
    )


def _company(
    tx: sa.Connection, company: str, name: str, file: str, now: datetime, mapping: Decisions
) -> CompanyStatus:
    row = parties.company(tx, company)
    lease = sessions.lease(tx, company)
    counts = requests.counts(tx, company)
    at_work = lease is not None and lease.until > now
    left = Bearings.of(parties.note(tx, company, NOTE))
    return CompanyStatus(
        id=company,
        name=name,
        linked_name=row.linked_name if row else "",
        file=file,
        last_contact_at=row.last_contact_at if row else None,
        stopped=told_of(left, row.stopped) if row else "",
        counts=counts,
        lease_owner=lease.owner if lease and at_work else "",
        lists_known=bool(lists.names_known(tx, company)),
        sessions=tuple(_session(one) for one in sessions.recent_sessions(tx, company=company, limit=5)),
        is_to_decide=bool(left.verdict and not left.said),
        waits=_waits_unnamed(tx, company, mapping),
        quiet="" if at_work or row is None else _quiet(counts, row.last_contact_at, now),
        turned_away=turned_away(company, parties.note(tx, company, REFUSED_LOGIN), row),
        to_approve=to_approve(tx, company),
        is_silent=bool(row and row.last_contact_at and now - row.last_contact_at > QUIET_AFTER),
    )


def turned_away(company: str, refused: str, row: parties.Company | None) -> str:
    """It comes and goes away again: in the Web Connector's window it says so, and here nothing else does."""
    last = row.last_contact_at if row is not None else None
    if not refused or (last is not None and datetime.fromisoformat(refused) <= last):
        return ""
    return (
        f"a Web Connector gave a wrong password on {datetime.fromisoformat(refused):%Y-%m-%d %H:%M} UTC and was turned "
        "away. Type the password into its row once more; where it is lost, "
        f"`qbconsole --company {company} qwc --new-password` makes a new one."
    )


def _quiet(counts: Mapping[RequestState, int], last: datetime | None, now: datetime) -> str:
    """Nothing goes and nothing is answered while the Web Connector does not come; it says so nowhere else."""
    if last is None:
        return ""
    step = (
        "See that `qbconsole serve` runs, that the PC is on and reaches it, and in the Web Connector that Auto-Run is "
        "ticked and the password is accepted."
    )
    since = f"the Web Connector was last here on {last:%Y-%m-%d %H:%M} UTC"
    unanswered = sum(counts.get(state, 0) for state in (RequestState.SENT, RequestState.IN_DOUBT))
    unsent = sum(counts.get(state, 0) for state in (RequestState.WAITING, RequestState.READY))
    if unanswered and now - last > ANSWERS_TAKE:
        return (
            f"{_requests(unanswered, 'was', 'were')} sent and QuickBooks' answer did not arrive; {since}. Its next session "
            f"asks what became of {'it' if unanswered == 1 else 'them'} before anything is sent again. {step}"
        )
    if unsent and now - last > QUIET_AFTER:
        return f"{_requests(unsent, 'waits', 'wait')} to be sent, and {since}. {step}"
    return ""


def _requests(count: int, one: str, many: str) -> str:
    return f"1 request {one}" if count == 1 else f"{count} requests {many}"


def _waits_unnamed(tx: sa.Connection, company: str, mapping: Decisions) -> str:
    """No other line tells of a merchant that was taken out of the mapping."""
    gone = [one for one in current.behind(tx, company) if one not in mapping.merchants]
    unsent = [one for one in gone if finding.document_counts(tx, one).get(DocumentState.PLANNED, 0)]
    return current.waits_for_book(tx, tuple(unsent))


def _session(row: sessions.Session) -> SessionLine:
    return SessionLine(
        opened_at=row.opened_at,
        closed_at=row.closed_at,
        requests=row.done,
        phase=row.phase,
        last_error=row.last_error,
        ticket=row.ticket,
    )


def _merchant(
    tx: sa.Connection, entry: Merchant, open_holds: Sequence[HoldRow], now: datetime
) -> MerchantStatus:
    merchant = entry.id
    behind = [one for one in current.behind(tx, entry.company) if one == merchant]
    unsent = finding.document_counts(tx, merchant).get(DocumentState.PLANNED, 0) if behind else 0
    mine = [row for row in open_holds if row.merchant == merchant]
    held = {row.hold.subject for row in mine if not row.hold.is_flag}
    return MerchantStatus(
        id=merchant,
        company=entry.company,
        shop=entry.shop,
        orders=snapshots.count(tx, merchant, "order"),
        to_book=snapshots.count(tx, merchant, "order", waiting=True),
        documents=finding.document_counts(tx, merchant),
        held=len(held),
        flagged=len({row.hold.subject for row in mine if row.hold.is_flag} - held),
        last_pulled_at=finding.last_pulled(tx, merchant),
        schedule=schedule.standing(tx, entry, now),
        waits=current.waits_for_book(tx, (merchant,)) if unsent else "",
        held_quietly=len(
            held - {row.hold.subject for row in mine if not (row.hold.is_flag or _is_quiet(row, now))}
        ),
    )


def _is_quiet(row: HoldRow, now: datetime) -> bool:
    """Whether nobody has to act on it, or not yet."""
    is_young = row.hold.reason is Reason.AWAITING_PAYOUT and now - row.held_at < PAYOUTS_TAKE
    return row.hold.reason in QUIET or is_young


def _causes(open_holds: Sequence[HoldRow], now: datetime) -> tuple[Cause, ...]:
    """Holds by what cures them; a sentence about one order is told once with the count beside it."""
    groups: dict[str, list[HoldRow]] = {}
    for row in open_holds:
        groups.setdefault(_group(row), []).append(row)
    causes = [_cause(rows, now) for rows in groups.values()]
    return tuple(sorted(causes, key=lambda one: (-one.count, one.oldest_at, one.cause)))


def _group(row: HoldRow) -> str:
    """Causes that are one order's own are gathered by their reason."""
    kind, colon, rest = row.hold.cause.partition(":")
    own = row.hold.subject.rpartition("/")[2] == rest or rest in row.hold.subject
    return kind if not colon or own else row.hold.cause


def _cause(rows: Sequence[HoldRow], now: datetime) -> Cause:
    first, oldest = rows[0], min(row.held_at for row in rows)
    return Cause(
        cause=first.hold.cause,
        reason=first.hold.reason.value,
        sentence=first.hold.sentence,
        next_step=first.hold.next_step,
        count=len({row.hold.subject for row in rows}),
        oldest_at=oldest,
        subjects=tuple(dict.fromkeys(row.hold.subject for row in rows)),
        is_quiet=all(_is_quiet(row, now) for row in rows),
    )
