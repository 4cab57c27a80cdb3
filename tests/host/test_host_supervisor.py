"""PluginHost: every way a plugin can misbehave ends in one error with its file and line, and nothing else."""

from __future__ import annotations

import logging
import os
import pickle
import sys
import time
from pathlib import Path

import host_work
import pytest

from qbconsole.errors import MappingInvalid, PluginBroken
from qbconsole.host.blame import DecideFailed, Suspects
from qbconsole.host.frames import Kind, Start
from qbconsole.host.process import Gone, Process

GOOD = """
    def choose_item(case):
        return "MUG-" + case.order.name
"""


def broken(host, orders, path, **limits):
    with pytest.raises(PluginBroken) as caught:
        list(host(path, **limits).decide_all(orders(1)))
    return caught.value


def test_decisions_come_back_in_the_order_of_the_cases(host, plugin, orders):
    decided = list(host(plugin(GOOD)).decide_all(orders(120), chunk=50))
    assert [one.order for one in decided] == [case.order.name for case in orders(120)]
    assert decided[7] == host_work.Decision(order="#1008", items=("MUG-#1008",))


def test_no_cases_start_no_child(host, plugin):
    one = host(plugin(GOOD), python="/nonexistent")
    assert list(one.decide_all([])) == []


def test_at_most_one_chunk_is_read_ahead(host, plugin, orders):
    taken = []
    cases = (taken.append(case) or case for case in orders(100))
    decisions = host(plugin(GOOD)).decide_all(cases, chunk=10)
    assert taken == []
    next(decisions)
    assert len(taken) == 10


def test_a_reader_that_stops_early_leaves_the_host_usable(host, plugin, orders):
    one = host(plugin(GOOD))
    first = one.decide_all(orders(30), chunk=10)
    next(first)
    first.close()
    assert [decision.order for decision in one.decide_all(orders(2))] == ["#1001", "#1002"]


def test_an_endless_loop_is_stopped_and_named_by_file_and_line(host, plugin, orders):
    path = plugin("""
        def choose_item(case):
            while True:
                pass
    """)
    error = broken(host, orders, path)
    assert (
        error.what == "plugin oak_ember ran longer than 0.3 s on order #1001 and was stopped in choose_item"
    )
    assert error.where in ("plugins/oak_ember.py:2", "plugins/oak_ember.py:3")
    assert error.next == PluginBroken.next_step


def test_a_loop_inside_c_code_is_found_too(host, plugin, orders):
    path = plugin("""
        import re

        def choose_item(case):
            return re.match(r"(a+)+$", "a" * 60 + "b")
    """)
    error = broken(host, orders, path)
    assert "ran longer than 0.3 s" in error.what
    assert error.where == "plugins/oak_ember.py:4"


def test_a_plugin_in_a_folder_with_an_accent_is_still_named(host, orders, tmp_path):
    folder = tmp_path / "Café" / "plugins"
    folder.mkdir(parents=True)
    path = folder / "oak_ember.py"
    path.write_text("def choose_item(case):\n    while True: pass\n")
    assert broken(host, orders, str(path)).where == "plugins/oak_ember.py:2"


def test_a_plugin_that_will_not_load_in_time_is_stopped(host, plugin, orders):
    path = plugin("while True:\n    pass\n")
    error = broken(host, orders, path, start_seconds=2.0)
    assert error.what == "plugin oak_ember ran longer than 2 s while it was loaded and was stopped"
    assert error.where.startswith("plugins/oak_ember.py:")


def test_a_memory_hog_is_stopped(host, plugin, orders):
    path = plugin("""
        def choose_item(case):
            heap = []
            while True:
                heap.append(bytearray(16 << 20))
    """)
    error = broken(host, orders, path, memory_bytes=256 << 20, seconds_per_case=5.0)
    assert error.what == "plugin oak_ember needed more than 256 MiB of memory in choose_item"
    assert error.where == "plugins/oak_ember.py:4"


def test_leaving_by_the_back_door_is_named_by_line(host, plugin, orders):
    path = plugin("""
        import os

        def choose_item(case):
            os._exit(3)
    """)
    error = broken(host, orders, path)
    assert error.what == "plugin oak_ember ended its process (exit status 3) on order #1001 in choose_item"
    assert error.where == "plugins/oak_ember.py:4"


def test_sys_exit_is_no_way_out(host, plugin, orders):
    path = plugin("""
        import sys

        def choose_item(case):
            sys.exit("enough")
    """)
    error = broken(host, orders, path)
    assert (error.what, error.where) == (
        "plugin oak_ember tried to end the program in choose_item",
        "plugins/oak_ember.py:4",
    )


def test_a_crash_in_c_code_is_named_by_line(host, plugin, orders):
    path = plugin("""
        import ctypes

        def choose_item(case):
            ctypes.string_at(0)
    """)
    error = broken(host, orders, path)
    assert "ended its process (SIGSEGV)" in error.what
    assert error.where == "plugins/oak_ember.py:4"


def test_a_child_killed_from_outside_is_named_by_what_it_announced(host, plugin, orders):
    path = plugin("""
        import os, signal

        def choose_item(case):
            os.kill(os.getpid(), signal.SIGKILL)
    """)
    error = broken(host, orders, path)
    assert error.what == "plugin oak_ember ended its process (SIGKILL) on order #1001"
    assert error.where == f"{path}:3 choose_item"


def test_an_exception_is_named_by_line_and_its_traceback_logged(host, plugin, orders, caplog):
    path = plugin("""
        def choose_item(case):
            return {}["no such item\\x1b[2J"]
    """)
    error = broken(host, orders, path)
    assert error.what == "plugin oak_ember failed with KeyError: 'no such item\\x1b[2J' in choose_item"
    assert error.where == "plugins/oak_ember.py:2"
    assert "Traceback (most recent call last)" in caplog.text


def test_our_own_errors_keep_their_words(host, plugin, orders):
    path = plugin("""
        from qbconsole.errors import MappingInvalid

        def choose_item(case):
            raise MappingInvalid("no such role", where="mappings.toml:4", next="Name it.")
    """)
    with pytest.raises(MappingInvalid) as caught:
        list(host(path).decide_all(orders(1)))
    told = caught.value.as_dict()
    assert told == {
        "code": "mapping_invalid",
        "what": "no such role",
        "where": "mappings.toml:4",
        "next": "Name it.",
    }


def test_an_error_code_only_the_plugin_knows_is_a_broken_plugin(host, plugin, orders):
    path = plugin("""
        from qbconsole.errors import QbconsoleError

        class Mine(QbconsoleError):
            code = "mine"

        def choose_item(case):
            raise Mine("so there")
    """)
    assert broken(host, orders, path).what == "so there"


def test_a_fault_without_a_plugin_line_is_our_own(host):
    with pytest.raises(DecideFailed) as caught:
        list(host(seconds_per_case=5.0).decide_all([NotACase()]))
    assert "AttributeError" in caught.value.what
    assert caught.value.where.endswith(f"host_work.py:{_line_of('return Decision(')}")


class NotACase:
    """Arrives in the child as a bare object, which no deciding is prepared for."""

    order = host_work.Order(name="#1")
    label = "order #1"

    def __reduce__(self):
        return (object, ())


def _line_of(text: str) -> int:
    lines = Path(host_work.__file__).read_text(encoding="utf-8").splitlines()
    return next(number for number, line in enumerate(lines, 1) if text in line)


def test_a_flood_of_prints_harms_nothing_and_is_kept_bounded(host, plugin, orders, caplog):
    path = plugin("""
        import sys

        def choose_item(case):
            print("x" * 1_000_000)
            sys.stderr.write("the end\\n")
            return "MUG"
    """)
    one = host(path, seconds_per_case=2.0)
    with caplog.at_level(logging.INFO):
        assert [decision.items for decision in one.decide_all(orders(5))] == [("MUG",)] * 5
        one.close()
    assert "the end" in caplog.text
    assert len(caplog.text) < 40_000


def test_a_result_of_another_type_is_refused(host, plugin, orders):
    path = plugin("def choose_item(case):\n    return 'instead'\n")
    error = broken(host, orders, path)
    assert error.what.startswith(
        "plugin oak_ember gave what is no plain value for order #1001: a list where a Decision"
    )
    assert error.where


def test_a_value_of_the_plugins_own_class_is_refused(host, plugin, orders):
    path = plugin("""
        import collections

        Loud = collections.namedtuple("Loud", "name")
        collections.Loud = Loud
        Loud.__module__ = "collections"

        def choose_item(case):
            return Loud("MUG")
    """)
    assert "collections.Loud" in broken(host, orders, path).what


def test_a_value_that_cannot_be_pickled_is_refused(host, plugin, orders):
    path = plugin("def choose_item(case):\n    return lambda: 1\n")
    assert broken(host, orders, path).what.startswith("plugin oak_ember gave what cannot be passed on")


def test_a_pickle_that_would_run_code_here_is_refused(host, plugin, orders, tmp_path):
    path = plugin(
        """
        import os

        class Bomb:
            def __reduce__(self):
                return (os.system, ("touch BURST",))

        def choose_item(case):
            return Bomb()
    """.replace("BURST", str(tmp_path / "burst"))
    )
    assert "posix.system" in broken(host, orders, path).what
    assert not (tmp_path / "burst").exists()


def test_bytes_written_among_the_results_are_refused(host, plugin, orders):
    path = plugin("""
        import os, sys

        def choose_item(case):
            os.write(int(sys.argv[2]), b"not a frame at all")
            return "MUG"
    """)
    assert "wrote into the results" in broken(host, orders, path).what


def test_after_a_failure_the_next_call_starts_afresh(host, plugin, orders):
    path = plugin("""
        import os

        def choose_item(case):
            if case.order.name == "#1003":
                os._exit(1)
            return str(os.getpid())
    """)
    one = host(path)
    before = []
    with pytest.raises(PluginBroken, match="on order #1003"):
        before.extend(one.decide_all(orders(5)))
    assert [decision.order for decision in before] == ["#1001", "#1002"]
    after = list(one.decide_all(orders(2)))
    assert before[0].items != after[0].items


def test_two_suspects_are_both_named_when_nothing_tells_them_apart(host, plugin, orders):
    good = plugin(GOOD)
    other = plugin("def choose_item(case):\n    return lambda: 1\n", name="leeds")
    with pytest.raises(PluginBroken) as caught:
        list(host(good, other).decide_all(orders(1)))
    assert caught.value.what.startswith("one of the plugins oak_ember, leeds gave")
    assert caught.value.where == str(Path(good).parent)


def test_the_right_one_of_two_plugins_is_named(host, plugin, orders):
    good = plugin(GOOD)
    other = plugin("def choose_item(case):\n    1 / 0\n", name="leeds")
    with pytest.raises(PluginBroken) as caught:
        list(host(good, other).decide_all(orders(1)))
    assert caught.value.what.startswith("plugin leeds failed with ZeroDivisionError")


def test_the_child_is_gone_after_close_with_all_it_started(host, plugin, orders, tmp_path):
    path = plugin("""
        import os, subprocess, sys

        helper = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])

        def choose_item(case):
            return (os.getpid(), helper.pid)
    """)
    one = host(path)
    ((pid, helper),) = next(one.decide_all(orders(1))).items
    one.close()
    one.close()
    assert not _alive(pid)
    assert not _alive(helper)


def _alive(pid: int) -> bool:
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        try:
            state = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0]
        except (FileNotFoundError, ProcessLookupError):
            return False
        if state in "ZX":
            return False
        os.sched_yield()
    return True


def test_a_child_that_nobody_stops_ends_itself(host, plugin, orders):
    path = plugin("def choose_item(case):\n    while True: pass\n")
    host(path)  # for the import path only: this child has no supervisor
    process = Process(sys.executable)
    start = Start(
        work="host_work",
        spec=host_work.Spec(names=("oak_ember",), plugin_folders=(str(Path(path).parent),)),
        suspects=Suspects(),
        memory_bytes=1 << 30,
        start_seconds=20.0,
        seconds_per_case=0.05,
    )
    process.send(Kind.START, pickle.dumps(start))
    assert process.receive(20.0).kind is Kind.READY
    process.send(Kind.CASES, pickle.dumps(orders(1)))
    with pytest.raises(Gone):
        process.receive(20.0)
    assert process.end() == "SIGALRM"
