"""Which lines are wanted: level, sources, and words that are regular expressions.

All words must be found, whatever their case: `refused`, `tax.*CA`, `"session close"`. `!word`: must not be found.
`field:word` looks in one field, `field=text` wants the whole of it: `ticket:3f2a order=#1001`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from qbconsole.errors import UsageError
from qbconsole.views.logs.lines import LEVELS, SOURCES, LogLine

_WORD = re.compile(r'(?P<not>!)?(?:(?P<field>[A-Za-z_][\w.]*)(?P<how>[:=]))?(?P<word>"[^"]*"?|\S+)')
#: Characters that stand for themselves in a regular expression and in JSON alike.
_PLAIN = re.compile(r"[\w#/@%<>-]+", re.ASCII)
#: What a line at least as grave as this holds, before it is read.
_LEVEL_PROBES = {
    "warning": re.compile(rb'"level": ?"(?:warn|error|critical|exception)', re.IGNORECASE),
    "error": re.compile(rb'"level": ?"(?:error|critical|exception)', re.IGNORECASE),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class LogQuestion:
    """What an operator asks of the log."""

    text: str = ""
    level: str = LEVELS[0]
    #: Sources left out.
    without: frozenset[str] = frozenset()
    #: Lines that name another merchant are left out.
    merchant: str | None = None
    #: Lines shown before and after each that was found.
    context: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Term:
    """One word of a question."""

    pattern: re.Pattern[str]
    field: str = ""
    inverse: bool = False
    #: Text that every fitting line holds as it is written; None where that cannot be said.
    probe: re.Pattern[bytes] | None = None

    def fits(self, line: LogLine) -> bool:
        """Whether the line has it, or has it not where that is asked."""
        if self.field:
            value = line.value(self.field)
            found = value is not None and self.pattern.search(value) is not None
        else:
            found = self.pattern.search(f"{line.level} {line.source} {line.told}") is not None
        return found is not self.inverse


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """A question, ready to be held against lines."""

    terms: tuple[Term, ...] = ()
    gravity: int = 0
    without: frozenset[str] = frozenset()
    merchant: str | None = None
    #: All have to be found in a line's bytes before it is worth reading.
    probes: tuple[re.Pattern[bytes], ...] = field(default=())

    @property
    def everything(self) -> bool:
        """Whether no line is left out."""
        return not (self.terms or self.gravity or self.without or self.merchant)

    def worth_reading(self, raw: bytes) -> bool:
        """A cheap no for most lines; a line that is no JSON, or half of one, is always read."""
        whole = raw.startswith(b"{") and raw.endswith(b"}")
        return not whole or all(probe.search(raw) for probe in self.probes)

    def fits(self, line: LogLine) -> bool:
        """Whether the line is wanted."""
        if line.gravity < self.gravity or line.source in self.without:
            return False
        if self.merchant is not None and line.value("merchant") not in (None, "", self.merchant):
            return False
        return all(term.fits(line) for term in self.terms)


def wanted(question: LogQuestion) -> Wanted:
    """Make a question ready. Raises UsageError for a word that is no regular expression, and says why."""
    terms = tuple(_term(match) for match in _WORD.finditer(question.text))
    level = _LEVEL_PROBES.get(question.level)
    return Wanted(
        terms=terms,
        gravity=LEVELS.index(question.level),
        without=question.without,
        merchant=question.merchant,
        probes=(
            *((level,) if level else ()),
            *(term.probe for term in terms if term.probe is not None),
        ),
    )


def _term(match: re.Match[str]) -> Term:
    word = match["word"].strip('"') if match["word"].startswith('"') else match["word"]
    exact = match["how"] == "="
    try:
        pattern = re.compile(rf"\A{re.escape(word)}\Z" if exact else word, re.IGNORECASE)
    except re.error as cause:
        raise UsageError(
            f"{word!r} is no regular expression: {cause}",
            next=r"Put a backslash before a sign that stands for itself: \( \[ \+ \* \?",
        ) from cause
    inverse, name = bool(match["not"]), match["field"] or ""
    return Term(pattern=pattern, field=name, inverse=inverse, probe=None if inverse else _probe(word, name))


def _probe(word: str, name: str) -> re.Pattern[bytes] | None:
    """What the bytes of a fitting line hold. Sources are not written in a line, they follow from its logger."""
    folded = word.casefold()
    if name == "source" or not _PLAIN.fullmatch(word) or any(folded in source for source in SOURCES):
        return None
    return re.compile(re.escape(word).encode(), re.IGNORECASE)
