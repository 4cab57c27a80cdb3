"""A plugin author's own tests, run apart: `test_oak_ember.py` beside the plugin, or in the workspace's tests."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from importlib.metadata import entry_points
from importlib.util import find_spec
from pathlib import Path

from qbconsole.errors import PluginBroken
from qbconsole.host.blame import in_dump
from qbconsole.host.errand import run_errand
from qbconsole.visible import safe

SECONDS = 120
_STEP = re.compile(r"^(\S.*\.py):(\d+): ", re.MULTILINE)
_SAID = re.compile(r"^E +(.+)$", re.MULTILINE)
_COUNT = re.compile(r"(\d+) passed")
#: pytest's exit status where nothing was collected.
_NO_TESTS = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """How a plugin's tests went."""

    #: "3 tests passed", "it has no tests", "pytest is not installed, so its tests were not run".
    note: str
    #: All that pytest printed.
    printed: str = ""
    trouble: PluginBroken | None = None


def tests_of(name: str, folder: Path) -> tuple[Path, ...]:
    """The author's tests of a plugin: beside it, in its own folder, or below the workspace's tests."""
    return tuple(path for path in _places(name, folder) if path.is_file())


def _places(name: str, folder: Path) -> Iterator[Path]:
    yield folder / f"test_{name}.py"
    yield from sorted((folder / name).glob("test_*.py"))
    tests = folder.parent / "tests"
    yield from (tests / f"test_{name}.py", tests / "plugins" / f"test_{name}.py")


def run_tests(name: str, folder: Path, *, seconds: int = SECONDS) -> Trial:
    """Run a plugin's tests in a process of their own, standing in the workspace; raises nothing."""
    tests = tests_of(name, folder)
    if not tests:
        return Trial(note="it has no tests")
    if find_spec("pytest") is None:
        return Trial(note="pytest is not installed, so its tests were not run")
    root = folder.parent
    words = [*map(str, tests), *_options(root)]
    went = run_errand("pytest", words, seconds=seconds, folder=root)
    if went.overran:
        return _overran(name, root, tests, went.printed, seconds)
    if went.status == 0:
        count = _COUNT.search(went.printed)
        passed = int(count[1]) if count else 0
        return Trial(
            note=f"{passed} test{'s' * (passed != 1)} passed",
            printed=went.printed,
        )
    if went.status == _NO_TESTS:
        return _failed(name, "its test file holds no test", f"{_below(tests[0], root)}:1", went.printed)
    place, said = _first_failure(went.printed, tests[0], root)
    return _failed(name, f"its tests fail: {said}", place, went.printed)


def _options(root: Path) -> list[str]:
    """Nothing of another project's settings, nothing written, and our fixtures even where we are not installed."""
    found = any(point.name == "qbconsole" for point in entry_points(group="pytest11"))
    ours = [] if found else ["-p", "qbconsole.testing"]
    quiet = ["-q", "--tb=short", "--no-header", "--color=no", "-p", "no:cacheprovider"]
    return [*quiet, "-c", os.devnull, f"--rootdir={root}", *ours]


def _overran(name: str, root: Path, tests: Sequence[Path], printed: str, seconds: int) -> Trial:
    places = [place for place in in_dump(printed) if place.path.startswith(f"{root}/")]
    where = str(places[0]).removeprefix(f"{root}/") if places else f"{_below(tests[0], root)}:1"
    return _failed(name, f"its tests ran longer than {seconds} s and were stopped", where, printed)


def _failed(name: str, what: str, where: str, printed: str) -> Trial:
    trouble = PluginBroken(
        f"plugin {name}: {what}",
        where=where,
        next=f"Run `qbconsole plugins test {name}` to see it whole; correct the plugin or its test.",
    )
    return Trial(note="its tests fail", printed=printed, trouble=trouble)


def _first_failure(printed: str, test: Path, root: Path) -> tuple[str, str]:
    """Place and words of the first failure that pytest tells."""
    said = _SAID.search(printed)
    steps = [step for step in _STEP.finditer(printed) if said is None or step.start() < said.start()]
    place = f"{steps[-1][1]}:{steps[-1][2]}" if steps else f"{_below(test, root)}:1"
    last = printed.strip().splitlines()[-1] if printed.strip() else "pytest said nothing"
    return place, safe(said[1] if said else last, limit=200)


def _below(path: Path, root: Path) -> str:
    return path.relative_to(root).as_posix() if path.is_relative_to(root) else str(path)
