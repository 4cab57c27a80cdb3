"""The program as a process: what it imports for `--help`, how it ends, and a whole trip between real processes."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow
ROOT = Path(__file__).parents[2]
HEAVY = ("textual", "sqlalchemy", "lxml", "pydantic", "httpx", "jinja2", "structlog", "rapidfuzz", "uvicorn")
ASK = """
import sys
from qbconsole.__main__ import main
status = main(["--help"])
print("MODULES", status, *sys.modules)
"""


def start(*words, **more):
    env = {**os.environ, "PYTHONPATH": str(ROOT), **more.pop("env", {})}
    return subprocess.Popen([sys.executable, "-m", "qbconsole", *words], env=env, text=True, **more)


def test_help_imports_nothing_heavy():
    env = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run([sys.executable, "-c", ASK], env=env, capture_output=True, text=True, check=True)
    _, status, *modules = done.stdout.splitlines()[-1].split(" ")
    assert status == "0"
    assert [name for name in HEAVY if name in modules] == []
    assert "Every day" in done.stdout


def test_version_and_help_without_a_workspace(process, tmp_path):
    assert process("--version", workspace=tmp_path).out.startswith("qbconsole")
    assert "Usage" in process("queue", "list", "--help", workspace=tmp_path).out
    nothing = process(workspace=tmp_path)
    assert (nothing.status, "Usage" in nothing.out) == (0, True)


def test_a_reader_that_has_seen_enough_is_no_error(root):
    shown = start(
        "--workspace", str(root), "templates", "list", stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    shown.stdout.close()
    assert "Traceback" not in shown.stderr.read()
    shown.stderr.close()
    assert shown.wait(30) == 0


def test_our_own_mistake_goes_to_the_log_and_people_get_a_sentence(process, root):
    program = root / "broken.py"
    program.write_text(
        "import sys\n"
        "from qbconsole.cli import root\n"
        "from qbconsole.__main__ import main\n"
        "from qbconsole.cli.lazy import Later\n"
        "import click\n"
        "@click.command()\n"
        "def broken():\n"
        "    raise RuntimeError('shpat_canary is out')\n"
        "sys.modules['broken_commands'] = sys.modules['__main__']\n"
        "root.COMMANDS['broken'] = Later(module='broken_commands', name='broken', sentence='x', panel='Run')\n"
        "sys.exit(main(['--workspace', sys.argv[1], 'broken']))\n"
    )
    env = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        [sys.executable, str(program), str(root)], env=env, capture_output=True, text=True, check=False
    )
    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    assert "RuntimeError" in done.stderr
    log = (root / ".qbconsole" / "logs" / "qbconsole.jsonl").read_text()
    assert "Traceback" in json.loads(log.splitlines()[-1])["exception"]
    assert "shpat_canary" not in log


def test_interrupting_ends_with_130(root):
    watching = start(
        "--workspace",
        str(root),
        "--json",
        "status",
        "--watch",
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    first = json.loads(watching.stdout.readline())
    watching.send_signal(signal.SIGINT)
    out, err = watching.communicate(timeout=30)
    assert watching.returncode == 130
    assert first["healthy"] is True
    assert json.loads(out.splitlines()[-1])["code"] == "interrupted"
    assert "Traceback" not in err


QUIET = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE}


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def wait_for(port):
    until = time.monotonic() + 30
    while time.monotonic() < until:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
    pytest.fail("nothing came up")


def ended(process):
    process.terminate()
    process.communicate(timeout=30)


def test_the_whole_trip_between_processes(process, root):
    mapping = root / "mappings.toml"
    text = mapping.read_text().replace('accounts = "ask"', 'accounts = "yes"')
    # neither the shop nor the company file is the demo's: the simulated ends are those of the mapping
    text = text.replace("oak-ember.myshopify.com", "lamp-shop.myshopify.com").replace("Oak.qbw", "Lamp.qbw")
    mapping.write_text(text.replace("Oak & Ember LLC", "Lamp & Wick LLC"))
    shop, service = free_port(), free_port()
    here = ("--workspace", str(root))
    shopify = start(*here, "sandbox", "shopify", "--port", str(shop), "--orders", "6", **QUIET)
    serving = start("--workspace", str(root), "serve", "--port", str(service), **QUIET)
    try:
        token = {"oak-ember": {"token": "shpat_sandbox"}}
        answers = json.dumps({"merchants": token, "companies": {"oak": {"new_password": True}}})
        password = process("--json", "setup", "--answers", "-", stdin=answers).json["passwords"]["oak"]
        wait_for(shop)
        synced = process("--json", "sync", "now", env={"QBCONSOLE_SHOPIFY_URL": f"http://127.0.0.1:{shop}"})
        assert (synced.status, synced.json["pulled"]["new"]) == (0, 6)
        wait_for(service)
        file = (
            "--file",
            str(root / "oak.file"),
            "--url",
            f"http://localhost:{service}/qbwc",
            "--user",
            "oak",
        )
        secret = {"QBCONSOLE_QBWC_PASSWORD": password}
        update = process("--json", "sandbox", "quickbooks", *file, "--once", env=secret)
        assert (update.status, update.json["ending"]) == (0, "done")
    finally:
        ended(shopify)
        ended(serving)
    told = process("--json", "postings").json
    assert {row["state"] for row in told["documents"]} == {"verified"}
