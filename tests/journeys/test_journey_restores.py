"""Restore drills: an older company file, a swapped one, a copied one, an older database of ours, over real HTTP.

Each stops writing and says what happened; after the operator's word the books end right: QuickBooks' ledger is what our
postings say, and every document is there once.
"""

from __future__ import annotations

import copy
import shutil
import threading
from collections import Counter
from datetime import timedelta

import pytest
import uvicorn
from trip import COMPANY, NOW, Trip, cheap_passwords

from qbconsole.books.identity import key_in
from qbconsole.books.lifecycle import DocumentState
from qbconsole.care.attention import Operator
from qbconsole.care.company_file import decide, plan_decision
from qbconsole.errors import UsageError
from qbconsole.rehearsal.stage import free_port
from qbconsole.sandbox.connector import Connector
from qbconsole.sandbox.quickbooks import CompanyFile
from qbconsole.sandbox.shopify import Shop
from qbconsole.store import books, journal
from qbconsole.views.company_file import file_state
from qbconsole.views.tally import tally
from qbconsole.webconnector.service import soap_app

pytestmark = pytest.mark.slow
NAME = "Oak & Ember LLC"


class Drill(Trip):
    """A trip whose Web Connector calls over real HTTP."""

    def __init__(self, root):
        super().__init__(root)
        self._server = None
        self._orders = copy.deepcopy(Shop.seeded(domain="oak-ember.myshopify.com", seed=4, orders=30).orders)
        self.quickbooks.clock = lambda: self.now

    def close(self):
        self._stop_serving()
        super().close()

    def _stop_serving(self):
        if self._server is not None:
            self._server.should_exit = True
            self._thread.join(timeout=60)
            self._server = None

    def _serve(self):
        if self._server is None:
            _ = self.delivery
            port = free_port()
            url = f"http://localhost:{port}/qbwc"
            config = uvicorn.Config(
                soap_app(self.delivery, url=url),
                host="127.0.0.1",
                port=port,
                log_level="error",
                lifespan="off",
            )
            self._server = uvicorn.Server(config)
            self._thread = threading.Thread(target=self._server.run, daemon=True)
            self._thread.start()
            while not self._server.started:
                self._thread.join(timeout=0.01)
            self._url = url
        return self._url

    def update(self):
        """One update of the Web Connector; gives "none", "100" or the sentence it ended with."""
        self.now += timedelta(minutes=5)
        with cheap_passwords():
            connector = Connector(
                self._serve(), COMPANY, self._password, self.quickbooks, company_file="C:\\QB\\Oak.qbw"
            )
            heard = connector.run_update()
        return heard.error or heard.word or "100"

    def orders(self, count):
        """The shop has so many orders; they are pulled and booked."""
        self.pull({"orders": copy.deepcopy(self._orders[:count])})
        self.book()

    def settle(self):
        for _ in range(12):
            said = self.update()
            if said == "none":
                return
        raise AssertionError(f"it never came to rest: {said}")

    def say(self, word, **more):
        """The operator looks at the plan and says the word."""
        plan = plan_decision(self.workspace.store, COMPANY, word, self.workspace.clock, **more)
        return decide(
            self.workspace.store,
            COMPANY,
            word,
            self.workspace.clock,
            who="operator:ann",
            seen=plan.hash,
            **more,
        )

    def state(self):
        return file_state(self.workspace.store, COMPANY, NAME)

    def operator(self):
        return Operator(store=self.workspace.store, clock=self.workspace.clock, who="operator:ann")

    def rows(self, *states):
        with self.workspace.store.reading() as tx:
            return books.documents(tx, company=COMPANY, states=states or None, limit=10_000)

    def keys_there(self):
        return Counter(filter(None, (key_in(one.memo) for one in self.company_file.documents())))

    def open(self, file):
        """Somebody opens another company file."""
        self.quickbooks.file = self.company_file = file

    def assert_books_are_right(self):
        there = self.keys_there()
        assert max(there.values()) == 1
        planned = {
            row.key for row in self.rows() if row.state not in (DocumentState.UNDONE, DocumentState.IGNORED)
        }
        assert set(there) == planned
        ours = {name: value for name, value in tally(self.workspace.store, COMPANY).ledger.items() if value}
        theirs = dict(self.company_file.trial_balance())
        for cost in ("Cost of Goods Sold", "Inventory Asset"):
            theirs.pop(cost, None)
        assert ours == theirs

    def stops(self, verdict, *words):
        """It stops, says why, and nothing is written however often the Web Connector comes."""
        before = (len(self.company_file.documents()), dict(self.company_file.company_custom))
        for _ in range(2):
            said = self.update()
            assert "Nothing was written" in said, said
            for word in words:
                assert word in said, said
        assert (len(self.company_file.documents()), dict(self.company_file.company_custom)) == before
        state = self.state()
        assert state.verdict == verdict
        assert state.evidence
        assert state.next_step in state.stopped or state.next_step[:40] in state.stopped
        assert not state.is_well


@pytest.fixture
def drill(tmp_path):
    made = Drill(tmp_path)
    yield made
    made.close()


def backed_up(drill, tmp_path, name="backup.json"):
    path = tmp_path / name
    drill.company_file.save(path)
    drill.company_file._place = None
    return path


# -- an older company file -----------------------------------------------------------------------------


@pytest.mark.parametrize("how", ["QuickBooks restored it", "the file was put in its place"])
@pytest.mark.parametrize("post_again", [True, False])
def test_an_older_company_file(drill, tmp_path, how, post_again):
    drill.orders(4)
    drill.settle()
    backup = backed_up(drill, tmp_path)
    drill.now += timedelta(days=3)
    drill.orders(9)
    drill.settle()
    drill.orders(12)
    newer = drill.keys_there()
    if how == "QuickBooks restored it":
        drill.company_file.restore(backup, drill.now)
    else:
        drill.open(CompanyFile.load(backup))
    lost = set(newer) - set(drill.keys_there())
    assert lost
    drill.stops("restored", "restored from a backup")
    plan = drill.say("restored", post_again=post_again)
    assert plan.recorded >= len(lost)
    assert drill.say("restored", post_again=post_again).is_said
    drill.settle()
    if not post_again:
        assert {row.key for row in drill.rows(DocumentState.LOST_BY_RESTORE)} == lost
        assert not lost & set(drill.keys_there()), "nothing is posted again without a word"
        told = drill.operator().retry(sorted(lost))
        assert set(told.done) == lost
        drill.settle()
    drill.assert_books_are_right()
    assert drill.state().is_well
    with drill.workspace.store.reading() as tx:
        assert [row.data["word"] for row in journal.of(tx, COMPANY) if row.verb == "company_decided"] == [
            "restored"
        ]
    drill.orders(14)
    drill.settle()
    drill.assert_books_are_right()


def test_a_restore_that_lost_nothing_goes_on_after_a_word(drill, tmp_path):
    drill.orders(4)
    drill.settle()
    backup = backed_up(drill, tmp_path)
    drill.company_file.restore(backup, drill.now)
    drill.orders(6)
    drill.stops("restored", "restored from a backup")
    drill.say("restored")
    drill.settle()
    assert not drill.rows(DocumentState.LOST_BY_RESTORE)
    drill.assert_books_are_right()


def test_what_was_in_doubt_when_the_file_was_restored_is_looked_for_and_sent(drill, tmp_path):
    drill.orders(4)
    drill.settle()
    backup = backed_up(drill, tmp_path)
    drill.orders(8)
    drill.quickbooks.fail_next("0x80040402", ran=-1)
    drill.update()
    drill.company_file.restore(backup, drill.now)
    drill.stops("restored")
    drill.say("restored", post_again=True)
    drill.settle()
    drill.assert_books_are_right()


# -- a swapped one -------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["Elm Ltd", NAME])
def test_a_swapped_company_file(drill, name):
    drill.orders(4)
    drill.settle()
    right = drill.company_file
    drill.orders(8)
    drill.open(CompanyFile.create(name=name, now=NOW))
    if name == NAME:
        drill.stops("marker_gone", "does not carry our marker")
    else:
        drill.stops("other_file", "Elm Ltd")
    drill.say("stop")
    drill.stops(drill.state().verdict)
    assert drill.state().said == "stop"
    drill.open(right)
    drill.settle()
    drill.assert_books_are_right()
    assert drill.state().is_well


def test_the_file_of_another_installation_is_refused_whatever_its_name(drill, tmp_path):
    drill.orders(3)
    drill.settle()
    (drill.workspace.own / "install").write_text("0" * 32)
    drill._stop_serving()
    drill._delivery = None
    drill.orders(6)
    drill.stops("other_file", "another qbconsole installation")
    drill.say("relink")
    drill.settle()
    drill.assert_books_are_right()


# -- a copied one --------------------------------------------------------------------------------------


def test_a_copied_company_file_may_not_be_written_beside_the_one_we_went_on_with(drill, tmp_path):
    drill.orders(4)
    drill.settle()
    copy_path = backed_up(drill, tmp_path)
    original = drill.company_file
    drill.orders(8)
    drill.settle()
    drill.open(CompanyFile.load(copy_path))
    drill.orders(10)
    drill.stops("restored", "older than what was recorded")
    drill.say("copy", post_again=True)
    drill.settle()
    drill.assert_books_are_right()
    count = len(original.documents())
    drill.open(original)
    drill.orders(12)
    drill.stops("copied", "a copy or an older state")
    assert len(original.documents()) == count


def test_a_copy_from_the_middle_of_a_session_is_known_by_what_it_lacks(drill, tmp_path):
    """Its marker is the newest; what was recorded last is missing, and nobody deleted it."""
    drill.orders(4)
    drill.settle()
    taken = {}
    real = drill.quickbooks.process

    def process(text):
        answer = real(text)
        if "DataExtModRq" in text and not taken:
            taken["at"] = backed_up(drill, tmp_path)
        return answer

    drill.orders(8)
    object.__setattr__(drill, "quickbooks", _Watched(drill.quickbooks, process))
    drill.update()
    left = drill.quickbooks.inner
    drill.quickbooks = left
    # The mark at the session's end was carried over by hand: only what is missing tells the two apart.
    copied = CompanyFile.load(taken["at"])
    copied.company_custom = dict(drill.company_file.company_custom)
    drill.open(copied)
    drill.orders(10)
    drill.stops("copied", "lacks what we recorded last")
    drill.say("copy", post_again=True)
    drill.settle()
    drill.assert_books_are_right()


class _Watched:
    def __init__(self, inner, process):
        self.inner, self.process = inner, process

    def __getattr__(self, name):
        return getattr(self.inner, name)


# -- our own database ----------------------------------------------------------------------------------


@pytest.mark.parametrize("left", ["an older one", "none at all"])
def test_an_older_database_of_ours(drill, left):
    drill.orders(4)
    drill.settle()
    drill.workspace.close()
    state = drill.workspace.own / "state.db"
    kept = state.with_name("kept.db")
    shutil.copy(state, kept)
    drill.orders(9)
    drill.settle()
    before = drill.keys_there()
    drill._stop_serving()
    drill._delivery = None
    drill.workspace.close()
    for beside in (state.with_name("state.db-wal"), state.with_name("state.db-shm"), state):
        beside.unlink(missing_ok=True)
    if left == "an older one":
        shutil.copy(kept, state)
    drill.orders(12)
    drill.stops("own_restored", "our database was restored")
    assert drill.keys_there() == before
    plan = drill.say("restored")
    assert plan.recorded == 0
    drill.settle()
    drill.assert_books_are_right()
    assert set(before) <= set(drill.keys_there())
    drill.orders(14)
    drill.settle()
    drill.assert_books_are_right()


# -- the word itself -----------------------------------------------------------------------------------


def test_a_word_is_refused_where_it_does_not_fit_or_nothing_is_to_be_decided(drill):
    drill.orders(2)
    drill.settle()
    with pytest.raises(UsageError, match="nothing to decide"):
        drill.say("restored")
    drill.open(CompanyFile.create(name="Elm Ltd", now=NOW))
    drill.orders(4)
    drill.stops("other_file")
    with pytest.raises(UsageError, match="no answer to other_file"):
        drill.say("restored")
    with pytest.raises(UsageError, match="not what it was"):
        decide(drill.workspace.store, COMPANY, "relink", drill.workspace.clock, who="x", seen="000000000000")


def test_a_word_is_good_for_the_file_it_was_said_of_only(drill):
    drill.orders(2)
    drill.settle()
    right = drill.company_file
    drill.orders(4)
    drill.open(CompanyFile.create(name="Elm Ltd", now=NOW))
    drill.stops("other_file")
    drill.say("relink")
    drill.open(CompanyFile.create(name="Fir Inc", now=NOW))
    drill.stops("other_file", "Fir Inc")
    assert not right.documents()[0].memo.startswith("VOID")
