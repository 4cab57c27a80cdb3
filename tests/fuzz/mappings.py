"""mappings.toml: read, or refused at a place; written back byte for byte, also after an edit that is undone."""

from __future__ import annotations

import contextlib

from properties.desks import SHIPPED

from fuzz.door import Door, told
from qbconsole.errors import QbconsoleError
from qbconsole.rules.mapping.editing import Editing
from qbconsole.rules.mapping.read import read


def tries(raw: bytes) -> None:
    try:
        text = raw.decode()
    except UnicodeDecodeError:
        return
    try:
        read(text)
    except QbconsoleError as refused:
        told(refused)
        _placed(refused)
    with contextlib.suppress(QbconsoleError):  # what cannot be read cannot be edited, and says so
        edited = Editing.begin(text).set("merchants.oak-ember.policy.tips", "income")
        assert edited.undo().text == text
        assert edited.undo().redo().text == edited.text


def _placed(refused: QbconsoleError) -> None:
    assert "mappings.toml" in f"{refused} {refused.where}"


def door() -> Door:
    return Door(examples=(SHIPPED.encode(), SHIPPED.encode()[:1500], b""), tries=tries)
