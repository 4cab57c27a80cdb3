"""Clipboard: OSC 52 -> tmux's buffer -> a file, and a sentence that promises no more than we know.

OSC 52 is never answered, and tmux as installed drops it (`set-clipboard external`), so a file is always written too.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Callable, Mapping
from pathlib import Path

#: Terminals cut an OSC 52 beyond this many bytes (xterm: 100,000 of base64).
OSC_52_BYTES = 74_000


def copy(
    what: str, text: str, *, offer: Callable[[str], None], environ: Mapping[str, str] | None = None
) -> str:
    """Copy every way there is; `offer` writes OSC 52. Gives what happened, for the operator."""
    env = os.environ if environ is None else environ
    size = len(text.encode("utf-8", "replace"))
    ways: list[str] = []
    if size <= OSC_52_BYTES:
        offer(text)
        ways.append("offered to your terminal (OSC 52 gives no answer)")
    if env.get("TMUX") and _tmux(text):
        ways.append("in tmux's buffer")
    path = folder(env) / "copied.txt"
    ways.append(f"saved to {path}" if _save(path, text) else f"not saved: {path} cannot be written")
    return f"{what}, {size:,} bytes: {'; '.join(ways)}."


def folder(env: Mapping[str, str], name: str = "XDG_CACHE_HOME", below: str = ".cache") -> Path:
    """Give our folder in the user's cache, or in another of the places XDG names."""
    home = env.get("HOME") or os.path.expanduser("~")
    return Path(env.get(name) or os.path.join(home, below)) / "qbconsole"


def _tmux(text: str) -> bool:
    program = shutil.which("tmux")
    if program is None:
        return False
    try:
        done = subprocess.run(  # noqa: S603  the program is found by name, the text goes in by its stdin
            [program, "load-buffer", "-w", "-"],
            input=text.encode("utf-8", "replace"),
            capture_output=True,
            timeout=2,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return False
    return done.returncode == 0


def _save(path: Path, text: str) -> bool:
    """Only its owner may read it: it holds a shopper's data."""
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with open(
            os.open(path, os.O_CREAT | os.O_WRONLY | os.O_TRUNC, 0o600),
            "w",
            encoding="utf-8",
            errors="replace",
        ) as out:
            out.write(text)
    except OSError:
        return False
    return True
