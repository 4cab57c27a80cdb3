"""The nearest name that would have been right, for messages about misspelt ones."""

from __future__ import annotations

from collections.abc import Iterable

_ALIKE = 65.0
_PARTLY = 80.0
_SHOWN = 8


def nearest(word: str, known: Iterable[str]) -> str:
    """'; did you mean "tax_by"?', or the few names there are, or "" where nothing is near."""
    from rapidfuzz import fuzz, process  # only for who made a mistake: it takes 20 ms to import

    names = list(known)
    found = process.extractOne(word, names, scorer=fuzz.ratio, score_cutoff=_ALIKE)
    found = found or process.extractOne(word, names, scorer=fuzz.WRatio, score_cutoff=_PARTLY)
    if found:
        return f'; did you mean "{found[0]}"?'
    if 0 < len(names) <= _SHOWN:
        return f"; there is {', '.join(sorted(names))}"
    return ""
