"""Tables on a terminal of 80 columns: a line is a line. Names give way, keys do not; in a pipe all is whole."""

from __future__ import annotations

import fcntl
import os
import pty
import struct
import subprocess
import sys
import termios
from pathlib import Path

from trip import Trip

from qbconsole.sandbox.shopify import Shop

ROOT = Path(__file__).parents[2]


def _on_a_terminal(root, *words, columns):
    """What a command writes to a terminal of so many columns."""
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
    env = {name: value for name, value in os.environ.items() if name not in ("COLUMNS", "LINES")}
    subprocess.run(
        [sys.executable, "-m", "qbconsole", "--workspace", str(root), *words],
        env={**env, "PYTHONPATH": str(ROOT)},
        stdin=subprocess.DEVNULL,
        stdout=theirs,
        stderr=subprocess.DEVNULL,
        timeout=60,
        check=False,
    )
    os.close(theirs)
    told = b""
    try:
        while part := os.read(ours, 65536):
            told += part
    except OSError:  # Linux tells the end of a terminal so
        pass
    os.close(ours)
    return told.decode().replace("\r", "")


def test_status_fits_80_columns_and_cuts_nothing_in_a_pipe(root, process):
    path = root / "mappings.toml"
    text = path.read_text(encoding="utf-8")
    path.write_text(
        text.replace("Oak & Ember LLC", "Oak & Ember Candles and Gifts 日本語 LLC"), encoding="utf-8"
    )
    narrow = _on_a_terminal(root, "status", columns=80)
    tables, _, _ = narrow.partition("All is well")
    assert max(map(len, tables.splitlines())) <= 80
    assert "…" in tables
    assert "…" not in _on_a_terminal(root, "status", columns=140)
    piped = process("status", workspace=root).out
    assert "Oak & Ember Candles and Gifts 日本語 LLC" in piped
    assert "oak-ember.myshopify.com" in piped


def test_the_queue_fits_80_columns_with_each_key_whole_on_a_line_of_its_own(root, process):
    trip = Trip(root)
    trip.pull({"orders": Shop.seeded(domain="oak-ember.myshopify.com", seed=4, orders=6).orders})
    trip.book()
    trip.close()
    narrow = _on_a_terminal(root, "queue", "list", "--view", "all", columns=80).splitlines()
    assert max(map(len, narrow)) <= 80
    rows = process("--json", "queue", "list", "--view", "all", workspace=root).json["rows"]
    assert {row["key"] for row in rows} <= {line.strip() for line in narrow}
    wide = _on_a_terminal(root, "queue", "list", "--view", "all", columns=200).splitlines()
    assert len(narrow) == 2 * len(wide)
