"""Looking at plugins apart: each said what it is, or what ended it and where; the others are still looked at."""

from __future__ import annotations

import os
import time

import pytest

from qbconsole.host.errand import run_errand
from qbconsole.host.look import look, look_at_all

GOOD = """
    from qbconsole.plugin import hookimpl

    __version__ = "1.2"

    @hookimpl
    def choose_class(order):
        return "Retail"
"""


@pytest.fixture
def folder(plugin, tmp_path):
    """Write plugins that nobody else may write; gives their folder."""

    def write(**texts: str) -> list[str]:
        for name, text in texts.items():
            os.chmod(plugin(text, name), 0o644)
        return [str(tmp_path / "plugins")]

    return write


@pytest.mark.slow
def test_each_is_looked_at_though_others_end_the_process(folder):
    folders = folder(
        good=GOOD,
        gone="import os\nos._exit(7)\n",
        hangs="x = 1\nwhile True:\n    pass\n",
        later=GOOD,
        wrong="import nothing_of_that_name\n",
    )
    found = look_at_all(["good", "gone", "hangs", "later", "wrong", "nobody"], folders, seconds=4.0)
    good = found["good"]
    assert (good.version, good.path, good.trouble) == ("1.2", "plugins/good.py", None)
    assert good.hooks == {"choose_class": "plugins/good.py:5"}
    assert 0 < good.milliseconds < 4000
    assert len(good.sha256) == 64
    assert found["later"].trouble is None
    told = {name: str(one.trouble) for name, one in found.items() if one.trouble}
    assert told["gone"] == "plugin gone ended the process that loaded it (status 7) (plugins/gone.py:1)"
    assert told["hangs"].startswith("plugin hangs ran longer than 4 s while it was loaded and was stopped")
    assert found["hangs"].trouble.where in ("plugins/hangs.py:2", "plugins/hangs.py:3")
    assert found["wrong"].trouble.where == "plugins/wrong.py:1"
    assert "there is no plugin nobody" in told["nobody"]


@pytest.mark.slow
def test_a_memory_hog_ends_with_its_line(folder):
    folders = folder(hog="heap = []\nwhile True:\n    heap.append(bytearray(64 << 20))\n")
    trouble = look("hog", folders).trouble
    assert trouble.what == "plugin hog: MemoryError"
    assert trouble.where == "plugins/hog.py:3"


@pytest.mark.slow
def test_an_errand_leaves_nothing_behind_it(plugin, monkeypatch, tmp_path):
    monkeypatch.setenv("SHOPIFY_TOKEN", "canary")
    (tmp_path / "errand_work.py").write_text(
        "import os, subprocess, sys\n"
        "child = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(60)'])\n"
        "print(child.pid, 'canary' in repr(dict(os.environ)), os.listdir())\n"
        "sys.exit(3)\n"
    )
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    went = run_errand("errand_work", [], seconds=10.0)
    pid, is_leaked, files = went.printed.split(maxsplit=2)
    assert (went.status, went.overran, is_leaked, files.strip()) == (3, False, "False", "[]")
    deadline = time.monotonic() + 30
    while _alive(int(pid)):
        assert time.monotonic() < deadline


def _alive(pid: int) -> bool:
    try:
        with open(f"/proc/{pid}/stat") as stat:
            return stat.read().rsplit(")", 1)[1].split()[0] not in "ZX"
    except (FileNotFoundError, ProcessLookupError):
        return False
