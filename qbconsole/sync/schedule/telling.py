"""What a scheduled command came to, in a sentence for people."""

from __future__ import annotations

import json

from qbconsole.visible import safe

_WORDS = 300


def told(output: str) -> str:
    """What a command under --json came to, as one sentence for people; what the pull warned of behind it."""
    answer = _answer(output)
    if answer is None:
        return safe(output.strip() or "It said nothing.", limit=_WORDS)
    warned = [sentence if sentence.endswith(".") else f"{sentence}." for sentence in _warnings(answer)]
    return safe(" ".join([_sentence(answer), *warned]), limit=_WORDS)


def warnings_of(output: str) -> tuple[str, ...]:
    """What the pull of a command under --json warned of, each a sentence."""
    return tuple(safe(sentence) for sentence in _warnings(_answer(output) or {}))


def _answer(output: str) -> dict[str, object] | None:
    for text in reversed(output.splitlines()):
        try:
            answer = json.loads(text)
        except ValueError:
            continue
        if isinstance(answer, dict):
            return answer
    return None


def _warnings(answer: dict[str, object]) -> list[str]:
    pulled = answer.get("pulled")
    found = pulled.get("warnings") if isinstance(pulled, dict) else None
    return [str(one) for one in found] if isinstance(found, list) else []


def _sentence(answer: dict[str, object]) -> str:
    if "what" in answer:
        return " ".join(str(answer[key]) for key in ("what", "where", "next") if answer.get(key))
    troubles = answer.get("troubles")
    if isinstance(troubles, list) and troubles:
        return "; ".join(f"{one.get('where')}: {one.get('what')}" for one in troubles)
    booked = answer.get("booked", answer)
    if isinstance(booked, dict) and booked.get("stopped"):
        return "; ".join(f"{merchant}: {why}" for merchant, why in booked["stopped"].items())
    pulled = answer.get("pulled")
    counts = []
    if isinstance(pulled, dict):
        counts.append(f"{pulled.get('new', 0)} new and {pulled.get('changed', 0)} changed")
    if isinstance(booked, dict):
        counts.append(f"{booked.get('documents', 0)} documents, {booked.get('held', 0)} held")
    return "; ".join(counts) + "."
