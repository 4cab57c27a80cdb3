"""The words of a command line before any command reads them: global options may stand anywhere.

`qbconsole postings --json` and `qbconsole --json postings` are the same; after a bare `--` nothing is moved.
"""

from __future__ import annotations

from collections.abc import Sequence

FLAGS = ("--json", "--readonly")
VALUED = ("--workspace", "--company", "--merchant")


def hoisted(words: Sequence[str]) -> list[str]:
    """The same words with the global options first."""
    front: list[str] = []
    rest: list[str] = []
    given = list(words)
    while given:
        word = given.pop(0)
        if word == "--":
            rest += [word, *given]
            break
        if word in FLAGS or word.startswith(tuple(f"{name}=" for name in VALUED)):
            front.append(word)
        elif word in VALUED:
            front += [word, *given[:1]]
            given = given[1:]
        else:
            rest.append(word)
    return front + rest
