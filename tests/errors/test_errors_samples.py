"""Every error code has a sample, and the sample's words are exactly those recorded beside it."""

from __future__ import annotations

import json
import pickle
import runpy
from functools import partial
from pathlib import Path

import pytest

from qbconsole import errors
from qbconsole.errors import QbconsoleError

HERE = Path(__file__).parent
REPOSITORY = HERE.parents[1]
SAMPLES = sorted(path.parent.name for path in HERE.glob("*/provoke.py"))
#: Kinds that only gather others; nobody raises them (tests/house/test_house_errors.py).
GATHERING = {"error", "shopify"}
#: Errors whose way in is not built yet. May only shrink.
NOT_YET: set[str] = set()


def _codes() -> set[str]:
    kinds = [
        kind for kind in vars(errors).values() if isinstance(kind, type) and issubclass(kind, QbconsoleError)
    ]
    return {kind.code for kind in kinds} - GATHERING


def _told(code: str, place: Path) -> dict[str, str]:
    provoke = runpy.run_path(str(HERE / code / "provoke.py"))["provoke"]
    try:
        told = provoke(place)
    except QbconsoleError as error:
        told = error.as_dict()
    text = json.dumps(told, ensure_ascii=False)
    return json.loads(text.replace(str(place), "<place>").replace(str(REPOSITORY), "<repository>"))


def test_every_error_code_has_a_sample():
    missing = sorted(_codes() - set(SAMPLES) - NOT_YET)
    assert not missing, f"add tests/errors/<code>/provoke.py and expected.json for: {', '.join(missing)}"


def test_the_list_of_missing_samples_only_shrinks():
    done = sorted(NOT_YET & set(SAMPLES) | NOT_YET - _codes())
    assert not done, f"take out of NOT_YET: {', '.join(done)}"


@pytest.mark.parametrize("code", SAMPLES)
def test_a_sample_reads_as_recorded(code, tmp_path):
    expected = json.loads((HERE / code / "expected.json").read_text(encoding="utf-8"))
    told = _told(code, tmp_path)
    assert told == expected
    assert told["code"] == code
    assert told["what"]
    assert told["next"]


def test_errors_are_the_same_in_another_process(tmp_path):
    raised = [error for error in map(partial(_raised, place=tmp_path), SAMPLES) if error is not None]
    assert len(raised) > len(SAMPLES) / 2
    for error in raised:
        again = pickle.loads(pickle.dumps(error))
        assert type(again) is type(error)
        assert (again.as_dict(), str(again)) == (error.as_dict(), str(error))


def _raised(code: str, place: Path) -> QbconsoleError | None:
    (place / code).mkdir()
    try:
        runpy.run_path(str(HERE / code / "provoke.py"))["provoke"](place / code)
    except QbconsoleError as error:
        return error
    return None
