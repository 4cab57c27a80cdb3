"""The operator of a simulated run: reads what our program shows, and follows the next step that it prints."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from typing import TYPE_CHECKING

import sqlalchemy as sa

from qbconsole.books.holds import Reason
from qbconsole.care import attention
from qbconsole.care.company_file import decide
from qbconsole.rehearsal.simulate.comparing import key_of_entry, named_in, say_it
from qbconsole.rehearsal.simulate.world import ByHand, Told, Unfinished
from qbconsole.views.company_file import file_state
from qbconsole.workspace import Workspace

if TYPE_CHECKING:
    from qbconsole.rehearsal.simulate.ends.pc import Pc
    from qbconsole.rehearsal.simulate.run import Simulation
    from qbconsole.sandbox.quickbooks import Filed

_WHO = "operator:simulated"
#: What is said of a file that is the right one: a backup was put in its place, or in that of our database.
_WORDS = ("restored", "relink")
_GONE = ("lost_by_restore", "deleted_in_quickbooks")
_CONDENSED = "may_be_condensed"
_REDATED = "may_be_redated"
_ASKED = """
SELECT b.body FROM requests r JOIN request_bodies b ON b.request_id = r.id
WHERE r.document_key = :key AND r.state <> 'superseded' ORDER BY r.id DESC LIMIT 1
"""
_HOLDS = """
SELECT merchant, subject, place, reason, sentence, next_step, flag FROM holds WHERE state = 'open' ORDER BY id
"""
_UNFINISHED = """
SELECT d.key, d.company, d.merchant, d.kind, d.state, COALESCE((
    SELECT r.state FROM requests r WHERE r.document_key = d.key AND r.state <> 'superseded' ORDER BY r.id DESC LIMIT 1
), '') FROM documents d WHERE d.state = 'planned' ORDER BY d.key
"""


class Operator:
    """Somebody at the console."""

    def __init__(self, simulation: Simulation) -> None:
        self._simulation = simulation

    def look(self, *, decides: bool = True) -> bool:
        """Do what the screens ask for; True where something was done.

        `decides`: about company files too. Nobody does before a session has met the file that is open now.
        """
        done = [self._decide(company) for company in self._simulation.pcs] if decides else []
        told = self.told()
        acts = (
            (_is_gone, self._gone),
            (_is_condensed, self._condensed),
            (_is_redated, self._redated),
            (_is_entry, self._entry),
        )
        for is_meant, act in acts:
            acted = [act(one) for one in told if is_meant(one)]
            if acted:
                told, done = self.told(), done + acted  # the screens say something else now
        return any((*done, self._retry(None)))

    def _decide(self, company: str) -> bool:
        """`company decide`: the right file is open and stopped all the same, so books or our database went back."""
        pc = self._simulation.pcs[company]

        def command(workspace: Workspace) -> bool:
            state = file_state(workspace.store, company, "")
            word = next((one for one in state.choices if one in _WORDS), "")
            if pc.open_label != "right" or not word or state.said == word:
                return False
            again = self._simulation.chance.random() < 0.5
            decide(workspace.store, company, word, workspace.clock, who=_WHO, post_again=again)
            self._simulation.log.say("operator", f"company decide {company} {word} (it is {state.verdict})")
            return True

        return bool(self._simulation.program.run("company decide", command))

    def _was_meant(self, told: Told) -> bool:
        """Whether a person took it out of QuickBooks for good."""
        return any(one.wanted == "gone" and _is_about(one, told) for one in self._simulation.by_hand)

    def _was_deleted(self, told: Told) -> bool:
        return any(one.what == "deleted" and _is_about(one, told) for one in self._simulation.by_hand)

    def _gone(self, told: Told) -> bool:
        """Something is gone from QuickBooks: what a person deleted stays away unless it was wanted again."""
        if not self._was_meant(told):
            return self._retry([told.subject])

        def command(workspace: Workspace) -> bool:
            return bool(self._person(workspace).ignore([told.subject], "it was meant").done)

        if self._simulation.program.run("queue ignore", command):
            self._simulation.log.say("operator", f"ignored {told.subject}")
            return True
        # Others wait for it, as the refusal says: then it has to be there.
        self._simulation.by_hand[:] = [
            replace(one, wanted="again") if _is_about(one, told) else one for one in self._simulation.by_hand
        ]
        return self._retry([told.subject])

    def _entry(self, told: Told) -> bool:
        """A list entry was refused: where no document needs it any more, it is left out."""

        def command(workspace: Workspace) -> bool:
            return bool(self._person(workspace).ignore([told.subject], "nothing needs it any more").done)

        done = bool(self._simulation.program.run("queue ignore", command))
        if done:
            self._simulation.log.say("operator", f"left out {told.subject}")
        return done

    def _condensed(self, told: Told) -> bool:
        """It may be in the summary of a condensed file: the archive copy that QuickBooks made tells whether it is."""
        places = self._simulation.setting.places
        company = next(one.company for one in places if one.merchant == told.merchant)
        is_there = in_archive(self._simulation.pcs[company], told.subject)
        if "was not deleted since" in told.next_step:
            is_there = is_there and not self._was_deleted(told)
        is_there = is_there or self._was_meant(told)

        def command(workspace: Workspace) -> bool:
            person = self._person(workspace)
            if is_there:
                return bool(person.ignore([told.subject], "it is in the archive copy").done)
            return bool(person.release([told.subject], "it is not in the archive copy").done)

        done = bool(self._simulation.program.run("queue ignore" if is_there else "release", command))
        if done:
            said = "ignored, it is" if is_there else "released, it is not"
            self._simulation.log.say("operator", f"{said} in the archive copy: {told.subject}")
        return done

    def _redated(self, told: Told) -> bool:
        """It may be in the entry of another day, which the hold names, or in the archive copy: a comparison tells."""
        company = next(
            one.company for one in self._simulation.setting.places if one.merchant == told.merchant
        )
        named = named_in(told.sentence)
        right = self._simulation.pcs[company].files["right"]
        there = [one for one in right.file.documents() if one.ref_number in named]
        if "archive copy" in told.next_step:
            shop = told.subject.split("/")[:3]
            there += [one for one in right.archive if key_of_entry(one).split("/")[:3] == shop]
        there = [one for one in there if not one.voided]
        known = [self._request(key_of_entry(one)) for one in there]
        is_there = told.subject in map(key_of_entry, there) or say_it(
            there, known, self._request(told.subject)
        )

        def command(workspace: Workspace) -> bool:
            person = self._person(workspace)
            if is_there:
                return bool(person.ignore([told.subject], "it is there").done)
            return bool(person.release([told.subject], "it is not there").done)

        done = bool(self._simulation.program.run("queue ignore" if is_there else "release", command))
        if done:
            said = "ignored, it is" if is_there else "released, it is not"
            where = " and ".join(named) or "the archive copy"
            self._simulation.log.say("operator", f"{said} in {where}: {told.subject}")
        return done

    def _request(self, key: str) -> str:
        """What we last asked QuickBooks to add under a key; "" where nothing was."""
        rows = self._rows(_ASKED, key=key)
        return str(rows[0][0]) if rows else ""

    def _retry(self, keys: list[str] | None) -> bool:
        def command(workspace: Workspace) -> int:
            return len(self._person(workspace).retry(keys).done)

        done = self._simulation.program.run("queue retry", command) or 0
        if done:
            self._simulation.log.say("operator", f"retried {done}")
        return bool(done)

    def _person(self, workspace: Workspace) -> attention.Operator:
        return attention.Operator(store=workspace.store, clock=workspace.clock, who=_WHO)

    def stopped(self, company: str) -> str:
        """Why nothing is written to a company."""
        rows = self._rows("SELECT stopped FROM companies WHERE id = :id", id=company)
        return str(rows[0][0]) if rows else ""

    def told(self) -> tuple[Told, ...]:
        """Every open hold and flag."""
        return tuple(
            Told(
                merchant=merchant or "",
                subject=subject,
                where=where,
                reason=reason,
                sentence=sentence,
                next_step=next_step,
                is_flag=bool(flag),
            )
            for merchant, subject, where, reason, sentence, next_step, flag in self._rows(_HOLDS)
        )

    def unfinished(self) -> tuple[Unfinished, ...]:
        """Documents on their way, and those that do not get on."""
        return tuple(
            Unfinished(key=key, company=company, merchant=merchant, kind=kind, state=state, request=request)
            for key, company, merchant, kind, state, request in self._rows(_UNFINISHED)
        )

    def _rows(self, query: str, **values: str) -> list[tuple[str, ...]]:
        with self._simulation.program.shell.store.reading() as tx:
            return [tuple(row) for row in tx.execute(_asked(query), values)]


@cache
def _asked(query: str) -> sa.TextClause:
    """Read once a process."""
    return sa.text(query)


def _is_about(done: ByHand, told: Told) -> bool:
    return done.memo.endswith(f"[{told.subject}]")


def _is_gone(told: Told) -> bool:
    return told.reason in _GONE


def _is_condensed(told: Told) -> bool:
    return told.reason == _CONDENSED


def _is_redated(told: Told) -> bool:
    return told.reason == _REDATED


def _is_entry(told: Told) -> bool:
    """Whether it is a list entry that QuickBooks refused, such as "customer/Ann Lee"."""
    return told.reason == Reason.REFUSED.value and not told.subject.startswith("qbc1/")


def in_archive(pc: Pc, key: str) -> bool:
    """Whether a document with that key of ours is in the archive copy of the condensed file."""
    standing = (one for one in pc.files["right"].archive if not one.voided)
    return any(f"[{key}]" in text for one in standing for text in _texts(one))


def _texts(document: Filed) -> tuple[str, ...]:
    """Where our key may stand; a deposit has it in its lines."""
    return (document.memo, *(line.description for line in document.lines))
