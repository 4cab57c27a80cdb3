"""The operator's own editor: which one, what it is told, and what comes back."""

from __future__ import annotations

import stat
from contextlib import nullcontext
from pathlib import Path

import pytest

from qbconsole.console.editor import edited, editor_of
from qbconsole.errors import UsageError


class Aside:
    """An app that steps aside without a terminal."""

    def suspend(self):
        return nullcontext()


def program(folder: Path, name: str, does: str) -> Path:
    path = folder / name
    path.write_text(f"#!/bin/sh\n{does}\n")
    path.chmod(path.stat().st_mode | stat.S_IXUSR)
    return path


@pytest.mark.parametrize(
    ("env", "command"),
    [
        ({"VISUAL": "code --wait", "EDITOR": "nano"}, ["code", "--wait"]),
        ({"VISUAL": " ", "EDITOR": "'/opt/my editor' -x"}, ["/opt/my editor", "-x"]),
    ],
)
def test_visual_comes_before_editor(env, command):
    assert list(editor_of(env)) == command


def test_vi_comes_before_nano_and_none_is_told(tmp_path):
    nano = program(tmp_path, "nano", "")
    assert list(editor_of({"PATH": str(tmp_path)})) == [str(nano)]
    vi = program(tmp_path, "vi", "")
    assert list(editor_of({"PATH": str(tmp_path)})) == [str(vi)]
    with pytest.raises(UsageError, match="there is no editor"):
        editor_of({"PATH": str(tmp_path / "none")})


def test_a_command_that_cannot_be_read_is_told():
    with pytest.raises(UsageError, match="EDITOR is no command"):
        editor_of({"EDITOR": "nano 'x"})


def test_the_text_comes_back_byte_for_byte_and_the_line_is_told(tmp_path):
    vi = program(tmp_path, "vi", f'echo "$1" > {tmp_path}/line; printf "é\\r\\n" >> "$2"')
    assert edited(Aside(), "a\r\n", {"EDITOR": str(vi)}, line=14) == "a\r\né\r\n"
    assert (tmp_path / "line").read_text() == "+14\n"


@pytest.mark.parametrize(
    ("does", "what"),
    [
        ("exit 3", "ended with 3"),
        ('printf "\\377" > "$1"', "cannot be read"),
        ('rm "$1"', "cannot be read"),
    ],
)
def test_what_an_editor_may_leave_changes_nothing(tmp_path, does, what):
    with pytest.raises(UsageError, match=what):
        edited(Aside(), "a\n", {"EDITOR": str(program(tmp_path, "ed.sh", does))})


def test_an_editor_that_is_not_there_is_told(tmp_path):
    with pytest.raises(UsageError, match="cannot be started"):
        edited(Aside(), "a\n", {"EDITOR": str(tmp_path / "none")})
