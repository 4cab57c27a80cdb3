"""The rules' small shop, for plugins."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path

import pytest

_SPEC = importlib.util.spec_from_file_location(
    "rules_world", Path(__file__).parents[1] / "rules" / "conftest.py"
)
assert _SPEC is not None
assert _SPEC.loader is not None
_RULES = importlib.util.module_from_spec(_SPEC)
sys.modules["rules_world"] = _RULES
_SPEC.loader.exec_module(_RULES)


@pytest.fixture
def world(tmp_path: Path):
    return _RULES.World(tmp_path)
