"""`plugins`: begun, tried, enabled, trusted and listed by commands, as docs/plugins.md has it."""

from __future__ import annotations

import pytest


@pytest.mark.slow
def oak(run):
    """The plugin among all, for shipped ones are listed too."""
    listed = run("--json", "plugins", "list").json["plugins"]
    return [one for one in listed if one["name"] == "oak"]


def test_a_plugin_is_begun_tried_enabled_and_listed(run, root):
    begun = run("plugins", "new", "oak")
    assert begun.status == 0
    assert begun.out.splitlines()[:2] == ["plugins/oak.py", "plugins/test_oak.py"]
    assert "qbconsole plugins test oak" in begun.err
    assert run("plugins", "new", "oak").status == 2

    tried = run("plugins", "test", "oak")
    assert (tried.status, tried.out) == (0, "ok      oak: 2 tests passed, 1 golden file as expected\n")

    (one,) = oak(run)
    assert (one["state"], one["load_ms"]) == ("not enabled", None)
    (enable,) = [line for line in begun.err.splitlines() if line.startswith("Enable it: ")]
    assert enable == "Enable it: qbconsole mapping set merchants.oak-ember.plugins '[\"oak\"]'"
    assert run("mapping", "set", "merchants.oak-ember.plugins", '["oak"]').status == 0
    (one,) = oak(run)
    assert (one["state"], one["version"], one["hooks"]) == ("ok", "0.1", ["choose_customer"])
    assert (one["merchants"], len(one["sha256"]), one["load_ms"] > 0) == (["oak-ember"], 64, True)

    test = root / "plugins" / "test_oak.py"
    test.write_text("def test_it():\n    assert 1 == 2\n")
    failed = run("plugins", "test", "oak")
    assert failed.status == 1
    assert failed.out.startswith(
        "FAILED  oak: plugin oak: its tests fail: assert 1 == 2 (plugins/test_oak.py:2)"
    )
    told = run("--json", "plugins", "test", "oak").json["plugins"]
    assert (told[0]["ok"], told[0]["where"]) == (False, "plugins/test_oak.py:2")

    assert run("--readonly", "plugins", "trust", "oak").status == 2
    trusted = run("--json", "plugins", "trust", "oak", "--why", "it is late")
    assert (trusted.status, trusted.json["sha256"]) == (0, one["sha256"])
    (one,) = oak(run)
    assert (one["state"], one["sha256_in_force"]) == ("ok", one["sha256"])
    assert one["passed"].startswith("trusted by operator:")


def test_a_name_nobody_has_is_told(run):
    told = run("plugins", "test", "oka")
    assert told.status == 2
    assert "there is no plugin 'oka'" in told.err
