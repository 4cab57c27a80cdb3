"""The top level: a valid workspace, its papers, and nothing else; and what a plugin author imports."""

from __future__ import annotations

import importlib
import subprocess

import pytest
from house_reading import ROOT, listing

#: Fixed names: the repository's root is itself a workspace.
HOUSE = {"pyproject.toml", "README.md", "mappings.toml", "plugins", "templates", "tests", "qbconsole"}
PAPERS = {
    "Makefile",
    "CONTRIBUTING.md",
    "CHANGELOG.md",
    "LICENSE",
    "docs",
    ".ci",
    ".pre-commit-config.yaml",
    ".gitignore",
}


def _top_level() -> set[str]:
    """The first names of everything git knows or would take; without git, of the directory."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    if listed.returncode:
        pytest.skip("not a git checkout: what lies here besides the sources is not ours to judge")
    return {line.strip('"').split("/")[0] for line in listed.stdout.splitlines()}


def test_nothing_lies_at_the_top_that_has_no_place_there():
    rows = sorted(_top_level() - HOUSE - PAPERS)
    assert not rows, listing(
        rows, "Move it under docs, tests or qbconsole, or add the pattern to .gitignore."
    )


def test_the_house_is_complete():
    rows = sorted(name for name in HOUSE if not (ROOT / name).exists())
    assert not rows, listing(rows, "The fixed names of design.md, section 3, are always there.")


def test_what_a_plugin_author_imports_is_named_and_documented():
    if not (ROOT / "qbconsole/plugin.py").exists():
        pytest.skip("qbconsole/plugin.py is not built yet")
    plugin = importlib.import_module("qbconsole.plugin")
    public = {name for name in vars(plugin) if not name.startswith("_")} - {"annotations"}
    names = set(plugin.__all__)
    assert "hookimpl" in names
    rows = [f"{name}: imported but not in __all__" for name in sorted(public - names)]
    rows += [f"{name}: in __all__ but not there" for name in sorted(names - public)]
    rows += [
        f"{name}: has no docstring"
        for name in sorted(names & public)
        if isinstance(getattr(plugin, name), type) and not getattr(plugin, name).__doc__
    ]
    assert not rows, listing(
        rows, "__all__ of qbconsole/plugin.py is what authors may rely on; keep it exact."
    )
