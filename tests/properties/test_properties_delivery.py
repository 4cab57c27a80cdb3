"""Any order of calls, lost, repeated, late and foreign ones: no document twice, none lost, and everything settles."""

from __future__ import annotations

import tempfile
from collections import Counter
from datetime import timedelta
from pathlib import Path

import pytest
from hands import Hands
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule
from trip import COMPANY, Trip

from qbconsole.books.identity import key_in
from qbconsole.books.lifecycle import RequestState
from qbconsole.sandbox.quickbooks import Answer
from qbconsole.sandbox.shopify import Shop
from qbconsole.store import books, requests, sessions
from qbconsole.sync.deliver.exchange import LEASE_SECONDS

pytestmark = pytest.mark.slow
_BREAKS = ("0x80040402", "0x80010105", "0x80040414")


class Connector(Hands):
    """One computer: it does one thing after the other, and what it does may be lost."""

    text = ""
    answer: Answer | None = None

    @property
    def is_busy(self) -> bool:
        return bool(self.text) or self.answer is not None


class Calls(RuleBasedStateMachine):
    """Two Web Connectors of one company file, at two addresses, and a process of ours that may start anew."""

    def __init__(self):
        super().__init__()
        self.folder = tempfile.TemporaryDirectory(prefix="calls-")
        self.trip = Trip(Path(self.folder.name))
        shop = Shop.seeded(domain="oak-ember.myshopify.com", seed=4, orders=8)
        self.trip.pull({"orders": shop.orders})
        self.trip.book()
        self.trip.delivery  # noqa: B018  the password is made with it
        self.both = [Connector(self.trip, peer="10.0.0.5"), Connector(self.trip, peer="10.0.0.9")]
        #: (ticket, answer) of everything that was ever said.
        self.said: list[tuple[str, Answer]] = []

    def teardown(self):
        try:
            self._once_faults_stop()
        finally:
            self.trip.close()
            self.folder.cleanup()

    which = st.integers(0, 1)

    @rule(number=which)
    def come(self, number):
        one = self.both[number]
        if not one.is_busy:
            one.login()

    @rule(number=which)
    def take(self, number):
        one = self.both[number]
        if one.ticket and one.answer is None:
            one.text = one.take() or one.text

    @rule(number=which)
    def work(self, number):
        one = self.both[number]
        if one.text and one.answer is None:
            one.answer = one.bring(one.text)

    @rule(number=which)
    def say(self, number):
        one = self.both[number]
        if one.answer is not None:
            self.said.append((one.ticket, one.answer))
            one.say(one.answer)
            one.text, one.answer = "", None

    @rule(number=which, steps=st.integers(1, 12))
    def go_on(self, number, steps):
        """A stretch without trouble."""
        self.come(number)
        for _ in range(steps):
            self.take(number)
            self.work(number)
            self.say(number)

    @rule(number=which)
    def break_off(self, number):
        """QuickBooks was at work, done or not, and an error comes in place of its answer."""
        one = self.both[number]
        if one.text:
            one.say(Answer(hresult=_BREAKS[number], message="QuickBooks ended."))
            one.text, one.answer = "", None

    @rule(number=which)
    def die(self, number):
        """The computer is switched off: what it had in hand is gone, done or not."""
        one = self.both[number]
        one.text, one.answer, one.ticket = "", None, ""

    @rule(number=which)
    def say_good_bye(self, number):
        one = self.both[number]
        if one.ticket and not one.text:
            one.close()

    @precondition(lambda self: self.said)
    @rule(data=st.data())
    def repeat(self, data):
        """An old answer comes once more, under its own ticket or another's."""
        ticket, answer = data.draw(st.sampled_from(self.said))
        tickets = [ticket, *(one.ticket for one in self.both if one.ticket)]
        told = [answer.response] if answer.response else []
        self.trip.delivery.answer(data.draw(st.sampled_from(tickets)), told, answer.hresult, answer.message)

    @rule(minutes=st.sampled_from([1, 9, 11, 60]))
    def wait(self, minutes):
        self.trip.now += timedelta(minutes=minutes)

    @rule()
    def start_anew(self):
        """Our process ends and another begins."""
        self.trip.now += timedelta(seconds=3)
        self.trip._delivery = None
        self.trip.delivery  # noqa: B018

    @invariant()
    def nothing_is_there_twice(self):
        assert not [key for key, count in keys_of(self.trip).items() if count > 1]

    def _once_faults_stop(self):
        for _ in range(14):
            for number, one in enumerate(self.both):
                self.work(number)
                self.say(number)
                one.ticket = ""
                self.trip.now += timedelta(seconds=LEASE_SECONDS + 1)
                one.whole_session()
        with self.trip.workspace.store.reading() as tx:
            left = requests.counts(tx, COMPANY)
            planned = {row.key for row in books.documents(tx, company=COMPANY, limit=1000)}
            stuck = requests.requests_in(
                tx, company=COMPANY, states=[RequestState.QUARANTINED, RequestState.REFUSED]
            )
            silent = sessions.sets_in(tx, COMPANY, [sessions.SetState.SENT, sessions.SetState.SILENT])
        assert not left[RequestState.IN_DOUBT] + left[RequestState.READY] + left[RequestState.SENT]
        assert stuck == []
        assert [one.id for one in silent if one.purpose == "send"] == []
        assert keys_of(self.trip) == Counter(planned)


def keys_of(trip) -> Counter:
    """Our keys in the company file: in the memo, of a journal entry in its lines'."""
    return Counter(filter(None, (key_in(filed.memo) for filed in trip.company_file.documents())))


TestCalls = Calls.TestCase
TestCalls.settings = settings(
    max_examples=8,
    stateful_step_count=30,
    deadline=None,
    suppress_health_check=list(HealthCheck),
)
