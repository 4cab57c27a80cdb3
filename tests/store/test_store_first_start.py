"""Several processes that start in a new workspace at once agree on what is made there once."""

from __future__ import annotations

import multiprocessing

from qbconsole.workspace import MAPPING, Workspace

_AT_ONCE, _ROUNDS = 4, 12


def _starts(root, ready, told):
    space = Workspace.open(root, environ={})
    ready.wait(60)
    told.put((space.install_id, space.keys._lines))


def test_all_of_them_have_the_name_and_the_keys_that_are_kept(tmp_path):
    forked = multiprocessing.get_context("fork")
    for number in range(_ROUNDS):
        root = tmp_path / str(number)
        root.mkdir()
        (root / MAPPING).write_text("schema = 1\n", encoding="utf-8")
        ready, told = forked.Barrier(_AT_ONCE), forked.Queue()
        started = [forked.Process(target=_starts, args=(root, ready, told)) for _ in range(_AT_ONCE)]
        for one in started:
            one.start()
        for one in started:
            one.join(60)
        assert [one.exitcode for one in started] == [0] * _AT_ONCE
        space = Workspace.open(root, environ={})
        kept = (space.install_id, space.keys._lines)
        assert {told.get(timeout=60) for _ in started} == {kept}
        assert sorted(one.name for one in space.own.iterdir()) == ["install", "keys"]
