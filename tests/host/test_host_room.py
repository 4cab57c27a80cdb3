"""What the child is given: an environment without secrets, an empty directory, and no descriptor of ours."""

from __future__ import annotations

import os

from qbconsole.host.process import environment


def test_secrets_stay_outside_and_import_paths_go_in(monkeypatch, tmp_path):
    given = {
        "PATH": "/bin",
        "PYTHONPATH": "relative",
        "QBCONSOLE_DATABASE_URL": "postgres://user:canary@host/db",
        "SHOPIFY_TOKEN": "canary",
        "AWS_SECRET_ACCESS_KEY": "canary",
    }
    monkeypatch.chdir(tmp_path)
    made = environment(given, "/room")
    assert "canary" not in repr(made)
    assert made["PATH"] == "/bin"
    assert str(tmp_path / "relative") in made["PYTHONPATH"].split(os.pathsep)


def test_a_plugin_sees_no_secret_no_file_and_no_descriptor_of_ours(host, plugin, orders, monkeypatch):
    monkeypatch.setenv("QBCONSOLE_NOW", "2026-01-01T00:00:00+00:00")
    monkeypatch.setenv("SHOPIFY_TOKEN", "canary")
    path = plugin("""
        import os, resource, sys

        def choose_item(case):
            room = os.getcwd()
            return {
                "environment": "canary" in repr(dict(os.environ)) or "QBCONSOLE_NOW" in os.environ,
                "files": os.listdir(room),
                "room": room,
                "descriptors": sorted(int(name) for name in os.listdir("/proc/self/fd")),
                "ours": sorted(int(name) for name in sys.argv[1:]),
                "memory": resource.getrlimit(resource.RLIMIT_AS),
                "group": os.getpgid(0) == os.getpid() == os.getsid(0),
                "inherited": [fd for fd in map(int, sys.argv[1:]) if os.get_inheritable(fd)],
            }
    """)
    one = host(path, memory_bytes=512 << 20)
    read, write = os.pipe()
    (seen,) = next(one.decide_all(orders(1))).items
    os.close(read)
    os.close(write)
    assert seen["environment"] is False
    assert seen["files"] == []
    assert seen["memory"] == (512 << 20, 512 << 20)
    assert seen["group"] is True
    assert seen["inherited"] == []
    # Besides the standard ones and the three of the protocol, only the one that lists the directory.
    assert len(set(seen["descriptors"]) - {0, 1, 2, *seen["ours"]}) == 1
    one.close()
    assert not os.path.exists(seen["room"])


def test_sets_have_the_same_order_in_every_run(host, plugin, orders):
    path = plugin("""
        def choose_item(case):
            return list({"oak", "ember", "leeds", "york", "bath", "kent"})
    """)
    first = next(host(path).decide_all(orders(1)))
    assert first == next(host(path).decide_all(orders(1)))
