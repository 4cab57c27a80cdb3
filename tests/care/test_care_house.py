"""The log, the mapping's file, doctor, plugins: what is done to an installation."""

from __future__ import annotations

import json
import logging
import stat
import subprocess
import sys
import textwrap

import pytest
import structlog
from trip import NOW, Trip

from qbconsole.bundled import bundled
from qbconsole.care.doctor import Health, check_ground, check_house
from qbconsole.care.logbook import FILE, keep_log, redacted
from qbconsole.care.mapping_file import edit_mapping
from qbconsole.care.plugins import plugins_found
from qbconsole.care.setup import make_workspace
from qbconsole.care.templates import templates_found
from qbconsole.errors import MappingInvalid, UsageError, WorkspaceError
from qbconsole.rules.mapping.edit import set_value
from qbconsole.serve import delivery_of


@pytest.fixture
def trip(tmp_path):
    found = Trip(tmp_path)
    yield found
    found.close()


@pytest.fixture
def log(tmp_path):
    """A log in a folder of its own; closed again after the test."""
    before = logging.getLogger().handlers[:]
    level = logging.getLogger().level
    keep_log(tmp_path / "logs")
    yield tmp_path / "logs" / FILE
    for handler in logging.getLogger().handlers[:]:
        if handler not in before:
            logging.getLogger().removeHandler(handler)
            handler.close()
    logging.getLogger().setLevel(level)
    structlog.reset_defaults()


def lines(path):
    return [json.loads(line) for line in path.read_text().splitlines()]


def test_the_log_is_private_and_holds_one_object_a_line(log):
    structlog.get_logger("qbconsole.test").info("sent\nforged", company="oak", text="\x1b[31m")
    logging.getLogger("qbconsole.other").warning("plain %s", "words")
    first, second = lines(log)
    assert (first["event"], first["company"], first["level"]) == ("sent\nforged", "oak", "info")
    assert (second["event"], second["logger"]) == ("plain words", "qbconsole.other")
    assert stat.S_IMODE(log.stat().st_mode) == 0o600
    assert b"\x1b" not in log.read_bytes()


def test_what_is_told_of_many_at_once_is_a_line_for_each(log):
    each = [{"event": "recorded", "document": "a"}, {"level": "error", "password": "canary"}]
    logging.getLogger("qbconsole.deliver").info("answered", extra={"each": each, "ticket": "3f2a"})
    first, second = lines(log)
    assert (first["event"], first["document"], first["ticket"]) == ("recorded", "a", "3f2a")
    assert (second["event"], second["level"], second["ticket"]) == ("answered", "error", "3f2a")
    assert second["password"] == "[redacted]"
    assert "each" not in first


def test_secrets_never_reach_the_log(log):
    logger = structlog.get_logger("qbconsole.test")
    logger.info("login", password="canary-1", headers={"X-Shopify-Access-Token": "canary-2"}, url="x")
    logger.info("shpat_canary3 and Bearer canary4 and <strPassword>canary5</strPassword>")
    try:
        raise ValueError("token shpss_canary6")
    except ValueError:
        logger.exception("stumbled")
    text = log.read_text()
    assert "canary" not in text
    assert text.count("[redacted]") >= 5
    assert redacted(["4d2k-9z0a-4d2k-9z0a-4d2k-9z0a-4d2k"]) == ["[redacted]"]


def test_a_page_another_process_turned_is_noticed(log):
    logger = structlog.get_logger("qbconsole.test")
    logger.info("one")
    log.rename(log.with_suffix(".jsonl.1"))
    logger.info("two")
    assert [line["event"] for line in lines(log)] == ["two"]


def test_a_log_that_cannot_be_written_stops_nothing(tmp_path):
    (tmp_path / "file").write_text("")
    before = logging.getLogger().handlers[:]
    keep_log(tmp_path / "file" / "logs")
    structlog.get_logger("qbconsole.test").info("lost")
    logging.getLogger().handlers[:] = before
    structlog.reset_defaults()
    assert (tmp_path / "file").read_text() == ""


def test_a_workspace_is_made_once_and_private(tmp_path):
    written = make_workspace(tmp_path / "books")
    assert {path.name for path in written} == {"mappings.toml", "README.md", ".gitignore"}
    assert stat.S_IMODE((tmp_path / "books" / ".qbconsole").stat().st_mode) == 0o700
    with pytest.raises(WorkspaceError, match="already"):
        make_workspace(tmp_path / "books")
    (tmp_path / "file").write_text("")
    with pytest.raises(WorkspaceError, match="written"):
        make_workspace(tmp_path / "file" / "books")


def test_an_edit_numbers_its_backups_and_keeps_the_mode(trip):
    path = trip.workspace.root / "mappings.toml"
    path.chmod(0o640)
    texts = [path.read_text()]
    for number in (1, 2):
        done = edit_mapping(
            trip.workspace.means(), path, [("companies.oak.name", f"Oak {number}")], who="operator:ann"
        )
        assert done.backup == f"mappings.toml.~{number}~"
        texts.append(path.read_text())
    assert (trip.workspace.root / "mappings.toml.~2~").read_text() == texts[1]
    assert stat.S_IMODE(path.stat().st_mode) == 0o640
    assert edit_mapping(trip.workspace.means(), path, [("companies.oak.name", "Oak 2")], who="x").backup == ""


def test_an_edit_over_somebody_elses_change_is_refused(trip):
    path = trip.workspace.root / "mappings.toml"

    class Racing(type(path)):
        """A file that somebody else saves just before we would."""

        read = 0

        def read_bytes(self):
            Racing.read += 1
            return super().read_bytes() + (b"# theirs\n" if Racing.read > 1 else b"")

    before = path.read_bytes()
    with pytest.raises(UsageError, match="changed while"):
        edit_mapping(
            trip.workspace.means(), Racing(path), [("companies.oak.name", "Mine")], who="operator:ann"
        )
    assert path.read_bytes() == before
    assert sorted(one.name for one in trip.workspace.root.glob("*mappings*")) == ["mappings.toml"]


def test_an_edit_of_text_that_is_no_text_names_the_line(trip):
    path = trip.workspace.root / "mappings.toml"
    means = trip.workspace.means()
    path.write_bytes(b"schema = 1\n\xff\n")
    with pytest.raises(MappingInvalid, match="UTF-8") as told:
        edit_mapping(means, path, [("companies.oak.name", "x")], who="x")
    assert told.value.where == "mappings.toml:2"


def test_doctor_finds_a_healthy_house_healthy(trip):
    means = trip.workspace.means()
    shipped = {path.name: path.read_text() for path in bundled("templates").glob("*.j2")}
    found = [*check_ground(trip.workspace.root, None), *check_house(means, shipped, port=1, now=NOW)]
    assert [one for one in found if one.health is Health.FAILED] == []
    assert {one.name for one in found if one.health is Health.ATTENTION} == {"port", "company oak"}
    assert all(one.next_step for one in found if one.health is not Health.OK)


def test_doctor_finds_what_is_broken(trip):
    (trip.workspace.root / "templates").mkdir()
    (trip.workspace.root / "templates" / "invoice_add.xml.j2").write_text("<InvoiceAddRq>\n{% if %}")
    _ = trip.workspace.keys
    (trip.workspace.root / ".qbconsole" / "keys").chmod(0o644)
    fault = MappingInvalid("no good", where="mappings.toml:3")
    means = trip.workspace.means()
    house = check_house(means, means.shipped_templates, port=1, now=NOW)
    found = [*check_ground(trip.workspace.root, fault), *house]
    failed = {one.name: one for one in found if one.health is Health.FAILED}
    assert set(failed) == {"mapping", "keys", "templates"}
    assert "templates/invoice_add.xml.j2:2" in failed["templates"].sentence
    assert "chmod 600" in failed["keys"].next_step


def test_doctor_tries_templates_as_templates_check_does(trip):
    """One that compiles and writes another amount would hold every document it is for."""
    folder = trip.workspace.root / "templates" / "oak-ember"
    folder.mkdir(parents=True)
    shipped = trip.workspace.means().shipped_templates

    def told(name="", text=""):
        if name:
            (folder / name).write_text(text)
        means = trip.workspace.means()
        found = check_house(means, means.shipped_templates, port=1, now=NOW)
        return [(one.health, one.sentence) for one in found if one.name == "templates"]

    name = "sales_receipt_add.xml.j2"
    assert told() == [(Health.OK, "The shipped ones are used.")]
    greeting = shipped[name].replace("<Memo>", "<Memo>Thanks! ")
    assert told(name, greeting) == [(Health.OK, "1 of yours, tried on examples: without a fault.")]
    ((health, sentence),) = told(name, shipped[name].replace("{{ line.amount }}", "1.00"))
    assert health is Health.FAILED
    assert sentence.startswith(f"templates/oak-ember/{name}:")
    assert (
        "the template writes Amount 1.00; the document says 12.50 (on the fullest SalesReceiptAdd)"
        in sentence
    )


def plugged(trip, name, source, *, enabled):
    folder = trip.workspace.root / "plugins"
    folder.mkdir(exist_ok=True)
    path = folder / f"{name}.py"
    path.write_text(source)
    path.chmod(0o644)
    mapping = trip.workspace.root / "mappings.toml"
    if enabled:
        mapping.write_text(set_value(mapping.read_text(), "merchants.oak-ember.plugins", f'["{name}"]'))
    return {one.name: one for one in plugins_found(trip.workspace.means())}[name]


@pytest.mark.slow
def test_an_enabled_plugin_is_loaded_apart_and_its_fault_named(trip):
    good = plugged(
        trip,
        "good",
        "from qbconsole.plugin import hookimpl\n@hookimpl\ndef choose_class(line, order):\n    return None\n",
        enabled=True,
    )
    assert (good.state, good.hooks, good.merchants) == ("ok", ("choose_class",), ("oak-ember",))
    broken = plugged(trip, "broken", "import nothing_of_that_name\n", enabled=True)
    assert broken.state == "broken"
    assert "plugins/broken.py:1" in broken.trouble


def test_a_plugin_nobody_enabled_is_never_run(trip):
    found = plugged(trip, "quiet", "raise SystemExit('it was run')\n", enabled=False)
    assert (found.state, found.trouble, len(found.sha256)) == ("not enabled", "", 64)


def test_templates_say_whose_they_are(trip):
    own = {
        "check_add.xml.j2": "<A/>",
        "oak/bill_add.xml.j2": "{# template API 1 #}{{ d.x }}",
        "_part.xml.j2": "x",
    }
    found = templates_found(own, {"check_add.xml.j2": "<A/>"}, ["oak"])
    assert [(one.name, one.origin, one.merchant, one.request, one.api, one.trouble) for one in found] == [
        ("_part.xml.j2", "yours", "", "", None, ""),
        ("check_add.xml.j2", "shipped", "", "CheckAdd", None, ""),
        ("oak/bill_add.xml.j2", "yours", "oak", "BillAdd", 1, ""),
    ]


def test_a_template_nothing_is_written_with_is_told(trip):
    own = {"bil_add.xml.j2": "x", "okk/bill_add.xml.j2": "x", "oak/check_add.xml.j2": "{{"}
    assert [one.trouble for one in templates_found(own, {}, ["oak"])] == [
        'templates/bil_add.xml.j2:1: no request is written with bil_add.xml.j2; did you mean "bill_add.xml.j2"?',
        "templates/oak/check_add.xml.j2:1: unexpected 'end of template'",
        'templates/okk/bill_add.xml.j2:1: there is no merchant okk; did you mean "oak"?',
    ]


def test_a_template_of_a_question_is_told_as_not_used(trip):
    shipped = {"check_query.xml.j2": "<A/>", "data_ext_mod.xml.j2": "<A/>"}
    own = {"oak/check_query.xml.j2": "<B/>", "check_query.xml.j2": "<A/>", "data_ext_mod.xml.j2": "<B/>"}
    assert [one.trouble for one in templates_found(own, shipped, ["oak"])] == [
        "",
        "templates/data_ext_mod.xml.j2:1: this one is not used; DataExtMod is always written with the shipped template",
        "templates/oak/check_query.xml.j2:1: this one is not used; CheckQuery is always written with the shipped template",
    ]


def test_questions_are_asked_with_the_shipped_templates(trip):
    folder = trip.workspace.root / "templates"
    folder.mkdir(exist_ok=True)
    name = "company_activity_query.xml.j2"
    (folder / name).write_text("<CompanyActivityQueryRq>changed</CompanyActivityQueryRq>", "utf-8")
    try:
        assert "changed" in trip.workspace.means().templates[name]
        asked = delivery_of(trip.workspace).planner.asker.identity("0", with_host=True)
    finally:
        (folder / name).unlink()
    assert asked[0].startswith("<CompanyActivityQueryRq ")
    assert "changed" not in asked[0]


def test_doctor_names_settings_that_post_cost_twice(tmp_path):
    found = Trip(tmp_path, settings={"policy": {"cogs": "unit_cost"}})
    rows = check_house(found.workspace.means(), {}, port=1, now=NOW)
    (row,) = [one for one in rows if one.name == "settings"]
    assert row.health is Health.ATTENTION
    assert "mappings.toml:" in row.sentence
    assert "posted twice" in row.sentence
    assert found.book().stopped == {}, "booking goes on"
    found.close()


def test_a_log_that_cannot_be_written_is_told_once_and_written_again_once_it_can(tmp_path):
    script = textwrap.dedent(
        """
        import logging, pathlib, resource, shutil, sys
        from qbconsole.care.logbook import keep_log

        folder = pathlib.Path(sys.argv[1])
        keep_log(folder)
        log = logging.getLogger("qbconsole.try")
        hard = resource.RLIM_INFINITY
        resource.setrlimit(resource.RLIMIT_FSIZE, (0, hard))
        for number in range(3):
            log.warning("lost %d", number)
        resource.setrlimit(resource.RLIMIT_FSIZE, (hard, hard))
        log.warning("there is room")
        shutil.rmtree(folder)
        log.warning("its folder is gone")
        log.warning("its folder is gone")
        """
    )
    done = subprocess.run(
        [sys.executable, "-c", script, str(tmp_path / "logs")], capture_output=True, text=True, check=True
    )
    told = done.stderr.splitlines()
    assert [line.startswith("The log cannot be written: ") for line in told] == [True, True], done.stderr
    assert "File too large" in told[0]
    assert "No such file" in told[1]
    assert str(tmp_path / "logs") in told[0]
