"""A host around one plugin, written as text, deciding with tests/host/host_work.py."""

from __future__ import annotations

from pathlib import Path
from textwrap import dedent

import host_work
import pytest

from qbconsole.host.supervisor import PluginHost


@pytest.fixture
def orders():
    return lambda count: [
        host_work.Case(order=host_work.Order(name=f"#{n}")) for n in range(1001, 1001 + count)
    ]


@pytest.fixture
def plugin(tmp_path):
    """Write a plugin file and return its path."""

    def write(text: str, name: str = "oak_ember") -> str:
        path = tmp_path / "plugins" / f"{name}.py"
        path.parent.mkdir(exist_ok=True)
        path.write_text(dedent(text).lstrip(), encoding="utf-8")
        return str(path)

    return write


@pytest.fixture
def host(monkeypatch):
    """Make hosts that find the work module, and close them."""
    monkeypatch.setenv("PYTHONPATH", str(Path(__file__).parent))
    made: list[PluginHost] = []

    def make(*paths: str, **limits: object) -> PluginHost:
        limits = {"seconds_per_case": 0.3, "start_seconds": 20.0} | limits
        folders, names = (
            tuple({str(Path(path).parent) for path in paths}),
            tuple(Path(path).stem for path in paths),
        )
        spec = host_work.Spec(names=names, plugin_folders=folders)
        made.append(PluginHost(spec, plugins=names, work="host_work", **limits))
        return made[-1]

    yield make
    for one in made:
        one.close()
