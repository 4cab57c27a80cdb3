"""Verdict: is the open company file the linked one, and the moment of it that we know?

PURE: what we kept of the file and what QuickBooks says of the open one go in, one word with its sentence comes out.
Only `GOES_ON` verdicts let a session write; every other one stops it until the right file is opened or a person says
what to do (`qbconsole company decide`). Source: reliability.md faults F31-F34; design.md section 6, point 3.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

from qbconsole.company.marker import Marker, MarkerUnreadable
from qbconsole.value import Value

#: What is kept where QuickBooks says that a file was never restored.
NEVER = "never"


class Verdict(StrEnum):
    """What the open company file is."""

    OK = "ok"  # the linked file, as we left it
    FIRST_LINK = "first_link"  # no marker, and none was ever written: it is linked now
    CONDENSED = "condensed"  # the linked file, condensed meanwhile: old documents may be gone, balances stay
    RESTORED = "restored"  # books went back in time: a backup of the company file was put in its place
    COPIED = "copied"  # a copy, or an earlier life, of the linked file: what we recorded last is not in it
    OWN_RESTORED = "own_restored"  # our own database went back in time, or is new beside a file we marked
    OTHER_FILE = "other_file"  # another company's name, or the marker of another company or installation
    MARKER_GONE = "marker_gone"  # our marker is not there any more
    MARKER_DAMAGED = "marker_damaged"  # our marker was edited, or a newer program wrote it


#: A session goes on with these by itself.
GOES_ON = frozenset({Verdict.OK, Verdict.FIRST_LINK, Verdict.CONDENSED})


class Word(StrEnum):
    """What an operator may say of a file that stopped a session."""

    RESTORED = "restored"  # yes, a backup was put in place, of the file or of our database: go on from it
    COPY = "copy"  # this copy is the one to go on with
    RELINK = "relink"  # this is the right file: write our marker anew
    STOP = "stop"  # it is not: nothing is written while it is open


#: What may be said of each; the first is what the next step names.
CHOICES: Mapping[Verdict, tuple[Word, ...]] = {
    Verdict.RESTORED: (Word.RESTORED, Word.COPY, Word.STOP),
    Verdict.COPIED: (Word.COPY, Word.STOP),
    Verdict.OWN_RESTORED: (Word.RESTORED, Word.STOP),
    Verdict.OTHER_FILE: (Word.STOP, Word.RELINK),
    Verdict.MARKER_GONE: (Word.RELINK, Word.STOP),
    Verdict.MARKER_DAMAGED: (Word.RELINK, Word.STOP),
}


class Known(Value):
    """What we kept of the linked file."""

    #: Id of the company, and which life of its books this is.
    company: str
    epoch: int
    install_id: str
    #: Name of the linked file; before any link the mapping's.
    name: str
    #: The marker's text as QuickBooks last took it; "" while none was.
    marker: str = ""
    #: The text that left last: it may be in the file though no answer said so.
    sent: str = ""
    #: The open file's marker, where its text left in a set that nobody ever answered: a connector that was held up by
    #: a dialog may have written it late, over a newer one.
    stray: str = ""
    serial: int = 0
    #: Wall time, `NEVER`, or "" while nobody told.
    restored: str = ""
    condensed: str = ""


class Evidence(Value):
    """What QuickBooks says of the open file."""

    name: str
    #: Our marker's text; None where there is none.
    marker: str | None = None
    restored: str = ""
    condensed: str = ""
    #: TxnIDs we recorded last that are not in it, and that nobody deleted.
    missing: tuple[str, ...] = ()

    def is_same_file(self, other: Evidence) -> bool:
        """Whether both tell of one file at one moment."""
        mine, theirs = (self.name, self.marker, self.restored), (other.name, other.marker, other.restored)
        return mine == theirs


def judge(known: Known, told: Evidence) -> Verdict:
    """Compare. The name comes first, then the marker, then the times, then what we recorded last."""
    if _folded(told.name) != _folded(known.name):
        return Verdict.OTHER_FILE
    was_restored = bool(known.restored and told.restored) and told.restored != known.restored
    if told.marker is None:
        if not known.marker:
            return Verdict.FIRST_LINK
        return Verdict.RESTORED if was_restored and not _is_before(told, known) else Verdict.MARKER_GONE
    verdict = _of_marker(known, told.marker, was_restored=was_restored)
    if verdict is not Verdict.OK:
        return verdict
    if was_restored:
        return Verdict.RESTORED
    if told.missing or _condensed_later(known, told):
        return Verdict.COPIED
    if known.marker and told.condensed != known.condensed:
        return Verdict.CONDENSED
    return Verdict.OK


def _is_before(told: Evidence, known: Known) -> bool:
    """Whether the open file never was restored, or was before the linked one: no restore made this one of that.

    Days are compared: QuickBooks tells of wall time, which another time zone of the PC may move.
    """
    return told.restored == NEVER or (known.restored != NEVER and told.restored[:10] < known.restored[:10])


def _of_marker(known: Known, text: str, *, was_restored: bool) -> Verdict:
    """What a marker says. The last that left may be there, or not yet, for its answer may have been lost."""
    try:
        marker = Marker.from_text(text)
    except MarkerUnreadable:
        return Verdict.MARKER_DAMAGED
    company, _, epoch = marker.company_epoch.rpartition("-")
    if company != known.company or marker.install_id != known.install_id or not epoch.isdecimal():
        return Verdict.OTHER_FILE
    if text in (known.marker, known.sent, known.stray) and int(epoch) == known.epoch:
        return Verdict.OK
    if not known.marker or (int(epoch), marker.serial) > (known.epoch, known.serial):
        return Verdict.OWN_RESTORED
    if int(epoch) < known.epoch and not was_restored:
        return Verdict.COPIED
    if (int(epoch), marker.serial) < (known.epoch, known.serial):
        return Verdict.RESTORED
    return Verdict.OK


def _condensed_later(known: Known, told: Evidence) -> bool:
    """Whether we met the file condensed, and the open one is of before that: no file takes a condensing back.

    Days are compared: QuickBooks tells of wall time, which another time zone of the PC may move.
    """
    return bool(known.marker) and told.condensed[:10] < known.condensed[:10]


def _folded(text: str) -> str:
    return " ".join(text.split()).casefold()


_SENTENCES: Mapping[Verdict, str] = {
    Verdict.OK: 'The company file "{open}" is the linked one.',
    Verdict.FIRST_LINK: 'The company file "{open}" has no marker yet; it is linked now.',
    Verdict.CONDENSED: 'The company file "{open}" was condensed ({condensed}); what is older is taken as kept.',
    Verdict.RESTORED: 'The company file "{open}" is older than what was recorded: {how}. '
    "Nothing was written: what was recorded since the backup may be missing.",
    Verdict.COPIED: 'The company file "{open}" carries our marker but lacks what we recorded last: it is a copy or an '
    "older state. Nothing was written.",
    Verdict.OWN_RESTORED: 'The company file "{open}" holds more than our database knows of: our database was restored '
    "from a backup, or is new. Nothing was written, so that nothing is posted twice.",
    Verdict.OTHER_FILE: 'The open company file is "{open}"{foreign}, this connection belongs to "{wanted}". '
    "Nothing was written.",
    Verdict.MARKER_GONE: 'The company file "{open}" does not carry our marker any more; it may be another file of the '
    "same name. Nothing was written.",
    Verdict.MARKER_DAMAGED: 'The marker in the company file "{open}" is damaged, was edited or is a newer '
    "program's. Nothing was written.",
}
#: Of a copy that lacks nothing we recorded, but its condensing.
_OF_BEFORE = (
    'The company file "{open}" was condensed when we met it last ({was}), and the open one {is_now}: it is a copy or an '
    "older state. Nothing was written."
)
#: Of an older file of which QuickBooks tells no restore.
_UNTOLD = "it was restored from a backup, or an older copy of it is open"
_STEPS: Mapping[Verdict, str] = {
    Verdict.RESTORED: "If the backup is to be gone on with, run `qbconsole company decide {id} restored`; else open the "
    "newer file.",
    Verdict.COPIED: "Open the right file; if this copy is the one to go on with, run "
    "`qbconsole company decide {id} copy`.",
    Verdict.OWN_RESTORED: "If our database was restored, run `qbconsole sync now`, say again what was ignored or held "
    "since that backup, then run `qbconsole company decide {id} restored`: everything is looked for before it is sent.",
    Verdict.OTHER_FILE: "Open the right file; if this is the right one under another name, run "
    "`qbconsole company decide {id} relink`.",
    Verdict.MARKER_GONE: "Open the right file; if this is it, run `qbconsole company decide {id} relink`.",
    Verdict.MARKER_DAMAGED: "If this is the right file, run `qbconsole company decide {id} relink`; update qbconsole "
    "where a newer one wrote it.",
}


def sentence(verdict: Verdict, known: Known, told: Evidence) -> str:
    """What happened, in plain words."""
    foreign = ""
    if verdict is Verdict.OTHER_FILE and _folded(told.name) == _folded(known.name):
        foreign = ", but it is marked by another qbconsole installation or company"
    if verdict is Verdict.COPIED and not told.missing and _condensed_later(known, told):
        is_now = f"was condensed last on {told.condensed}" if told.condensed else "never was"
        return _OF_BEFORE.format(open=told.name, was=known.condensed, is_now=is_now)
    is_told = told.restored not in ("", NEVER, known.restored)
    how = f"it was restored from a backup ({told.restored})" if is_told else _UNTOLD
    return _SENTENCES[verdict].format(
        open=told.name, wanted=known.name, how=how, condensed=told.condensed, foreign=foreign
    )


def next_step(verdict: Verdict, company: str) -> str:
    """What an operator does about it; "" where nothing is to be done."""
    return _STEPS.get(verdict, "").format(id=company)
