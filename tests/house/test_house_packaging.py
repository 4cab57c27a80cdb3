"""Packaging: templates, plugins and mappings.toml are found from the checkout and from an installed wheel."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from house_reading import ROOT

from qbconsole.bundled import bundled

SHIPPED = ("templates", "plugins", "mappings.toml")
ASK = """
import json, sys
import qbconsole
from qbconsole.bundled import bundled
json.dump({"package": qbconsole.__file__, **{name: str(bundled(name)) for name in sys.argv[1:]}}, sys.stdout)
"""


@pytest.mark.parametrize("name", SHIPPED)
def test_the_checkout_is_its_own_workspace(name):
    assert bundled(name) == ROOT / name


@pytest.fixture(scope="module")
def sources() -> set[str]:
    """Every file that ought to be in a wheel, by its name there."""
    shipped = {f"qbconsole/_bundled/{name}" for folder in ("templates", "plugins") for name in _files(folder)}
    return shipped | _files("qbconsole")


def _files(folder: str) -> set[str]:
    paths = [
        path for path in (ROOT / folder).rglob("*") if path.is_file() and "__pycache__" not in path.parts
    ]
    return {path.relative_to(ROOT).as_posix() for path in paths}


@pytest.fixture(scope="module")
def wheel(sources, tmp_path_factory) -> Path:
    """The wheel, built as a release would be but without fetching anything."""
    out = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(out), str(ROOT)]
    built = subprocess.run(command, capture_output=True, text=True, check=False)
    assert built.returncode == 0, (
        f"the wheel does not build: see pyproject.toml\n{built.stdout}\n{built.stderr}"
    )
    return next(out.glob("*.whl"))


@pytest.mark.slow
def test_an_installed_wheel_finds_what_it_ships(wheel, tmp_path):
    site = tmp_path / "site"
    install = [
        sys.executable,
        "-m",
        "pip",
        "install",
        "--quiet",
        "--no-deps",
        "--no-index",
        "--target",
        str(site),
        str(wheel),
    ]
    installed = subprocess.run(install, capture_output=True, text=True, check=False)
    assert installed.returncode == 0, installed.stderr
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"} | {
        "PYTHONPATH": str(site)
    }
    asked = subprocess.run(
        [sys.executable, "-P", "-c", ASK, *SHIPPED],
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert asked.returncode == 0, asked.stderr
    found = json.loads(asked.stdout)
    assert found == {"package": str(site / "qbconsole/__init__.py")} | {
        name: str(site / "qbconsole/_bundled" / name) for name in SHIPPED
    }


@pytest.mark.slow
def test_the_wheel_holds_every_file_of_the_package_and_no_test(sources, wheel):
    with zipfile.ZipFile(wheel) as archive:
        held = set(archive.namelist())
    assert sorted(sources - held) == []
    assert [name for name in held if name.split("/")[0] in ("tests", "docs")] == []
