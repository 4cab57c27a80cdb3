"""Which lines are wanted: level, sources, and words that are regular expressions.

All words must be found, whatever their case: `refused`, `tax.*CA`, `"session close"`. `!word`: must not be found.
`field:word` looks in one field, `field=text` wants the whole of it: `ticket:3f2a order=#1001`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from qbconsole.errors import UsageError
from qbconsole.views.logs.lines import LEVELS, SOURCES, LogLine
from qbconsole.views.logs.sieve import Probe

_WORD = re.compile(r'(?P<not>!)?(?:(?P<field>[A-Za-z_][\w.]*)(?P<how>[:=]))?(?P<word>"[^"]*"?|\S+)')
#: Characters that stand for themselves in a regular expression and in JSON alike.
_PLAIN = re.compile(r"[\w#/@%<>-]+", re.ASCII)
_ERRORS = ("error", "critical", "exception")
#: What a line at least as grave as this holds, in small letters.
_LEVEL_PROBES: dict[str, Probe] = {
    level: tuple(f'"level":{space}"{word}'.encode() for word in words for space in (" ", ""))
    for level, words in (("warning", ("warn", *_ERRORS)), ("error", _ERRORS))
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
    #: The word in small letters, where it stands for itself: to be found without the pattern.
    plain: str = ""

    def fits(self, line: LogLine, words: str) -> bool:
        """Whether the line, or where no field is named its words in small letters, has it; or has it not."""
        if self.field:
            value = line.value(self.field)
            found = value is not None and self.pattern.search(value) is not None
        else:
            found = self.plain in words if self.plain else self.pattern.search(words) is not None
        return found is not self.inverse

    @property
    def probe(self) -> Probe | None:
        """What the bytes of a fitting line hold; None where that cannot be said.

        Sources are not written in a line, they follow from its logger.
        """
        if self.inverse or not self.plain or self.field == "source":
            return None
        return None if any(self.plain in source for source in SOURCES) else (self.plain.encode(),)


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """A question, ready to be held against lines."""

    terms: tuple[Term, ...] = ()
    gravity: int = 0
    without: frozenset[str] = frozenset()
    merchant: str | None = None
    #: What a line has to hold before it is worth reading.
    probes: tuple[Probe, ...] = ()

    @property
    def in_words(self) -> bool:
        """Whether a term looks in more than one field."""
        return any(not term.field for term in self.terms)

    @property
    def everything(self) -> bool:
        """Whether no line is left out."""
        return not (self.terms or self.gravity or self.without or self.merchant)

    def fits(self, line: LogLine) -> bool:
        """Whether the line is wanted."""
        if line.gravity < self.gravity or line.source in self.without:
            return False
        if self.merchant is not None and line.value("merchant") not in (None, "", self.merchant):
            return False
        words = f"{line.level} {line.source} {line.told}".lower() if self.in_words else ""
        return all(term.fits(line, words) for term in self.terms)


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
    plain = word.lower() if _PLAIN.fullmatch(word) else ""
    return Term(pattern=pattern, field=match["field"] or "", inverse=bool(match["not"]), plain=plain)
