"""The papers say what is true: error codes, holds, words, commands, paths, libraries and links, held against the code."""

from __future__ import annotations

import ast
import re
import shlex
import tomllib
from collections.abc import Iterator
from functools import cache
from importlib import import_module
from pathlib import Path

import click
from house_reading import ROOT, listing, package_modules
from test_house_words import BARE, FOREIGN, QUOTED

from qbconsole import errors
from qbconsole.books.holds import DELIVERY, FLAGS, Reason
from qbconsole.books.plan import DocumentKind
from qbconsole.errors import QbconsoleError
from qbconsole.store.requests import Purpose

#: Folders that hold no papers of ours.
NOT_OURS = {".venv", ".git", ".hypothesis", "node_modules", "build", "dist", ".qbconsole"}
LINK = re.compile(r"(?<!`)\[[^\]\n]*\]\(([^)\s]+)\)")
SPAN = re.compile(r"`([^`\n]+)`")
FENCED = re.compile(r"^ *```(\w*)\n(.*?)^ *```$", re.MULTILINE | re.DOTALL)
#: A path of the tree as the papers write it, from the root or from qbconsole/ on.
PATH = re.compile(r"(?:[\w.]+/)+(?:[\w.-]+)?")
ADR_HEADINGS = ["## Context", "## Decision", "## Consequence"]
#: One page.
ADR_LINES = 60
#: Commands the program tells people to run and that are built later. May only shrink.
NOT_YET: set[str] = set()


@cache
def papers() -> dict[str, str]:
    """Every paper by its path from the root."""
    found = sorted(path for path in ROOT.rglob("*.md") if not NOT_OURS & set(path.relative_to(ROOT).parts))
    return {path.relative_to(ROOT).as_posix(): path.read_text(encoding="utf-8") for path in found}


def table_rows(text: str) -> Iterator[list[str]]:
    """The cells of every row of every table, headings and rules left out."""
    rows = [line.strip() for line in text.splitlines()]
    for row, after in zip(rows, [*rows[1:], ""], strict=True):
        if row.startswith("|") and not set(row) <= set("|-: ") and not (after and set(after) <= set("|-: ")):
            yield [cell.strip() for cell in row.strip("|").split("|")]


# -- errors and holds ---------------------------------------------------------------------------


def kinds_of_error() -> dict[str, type[QbconsoleError]]:
    """Every class with a code of its own, wherever it is defined."""
    found = {
        kind.code: kind
        for kind in vars(errors).values()
        if isinstance(kind, type) and issubclass(kind, QbconsoleError)
    }
    for module in package_modules():
        if module.name == "qbconsole/errors.py" or "next_step" not in module.text:
            continue
        for node in ast.walk(module.tree):
            if isinstance(node, ast.ClassDef) and node.bases:
                dotted = module.name.removesuffix("/__init__.py").removesuffix(".py").replace("/", ".")
                kind = getattr(import_module(dotted), node.name, None)
                if isinstance(kind, type) and issubclass(kind, QbconsoleError) and "code" in vars(kind):
                    found[kind.code] = kind
    return found


def told_errors() -> dict[str, tuple[int, str]]:
    """Code -> exit status and next step, as docs/errors.md has them."""
    told: dict[str, tuple[int, str]] = {}
    for part in papers()["docs/errors.md"].split("\n## Holds", maxsplit=1)[0].split("\n## ")[1:]:
        heading = part.partition("\n")[0]
        exits = re.search(r"\(exit (\d)\)", heading)
        for cells in table_rows(part):
            status = int(exits[1]) if exits else int(cells[1])
            told[cells[0].strip("`")] = (status, cells[-1])
    return told


def test_every_error_code_is_documented():
    rows = sorted(kinds_of_error().keys() - told_errors().keys())
    assert not rows, listing(rows, "Give it a row in docs/errors.md: what it says, when, next step.")


def test_no_error_code_is_documented_that_is_gone():
    rows = sorted(told_errors().keys() - kinds_of_error().keys())
    assert not rows, listing(rows, "Take its row out of docs/errors.md.")


def test_exit_status_and_next_step_are_those_of_the_code():
    told = told_errors()
    rows = [
        f"{code}: exit {kind.exit_status}; {kind.next_step}"
        for code, kind in kinds_of_error().items()
        if code in told and told[code] != (kind.exit_status, kind.next_step)
    ]
    assert not rows, listing(rows, "Write these into its row of docs/errors.md.")


def test_every_reason_to_hold_is_documented_with_its_kind():
    part = papers()["docs/errors.md"].split("\n## Holds", maxsplit=1)[1]
    told = {cells[0].strip("`"): cells[1] for cells in table_rows(part)}
    kinds = {
        reason.value: "flag" if reason in FLAGS else "delivery" if reason in DELIVERY else "books"
        for reason in Reason
    }
    rows = [f"{reason}: {kind}" for reason, kind in kinds.items() if told.get(reason) != kind]
    rows += [f"{reason}: gone" for reason in sorted(told.keys() - kinds.keys())]
    assert not rows, listing(rows, "Bring the table of holds in docs/errors.md up to date.")


# -- words --------------------------------------------------------------------------------------


def glossary() -> dict[str, list[str]]:
    """Word -> its meanings; the table of clashes is about others' words."""
    found: dict[str, list[str]] = {}
    for cells in table_rows(papers()["docs/glossary.md"].split("\n## Clashes", maxsplit=1)[0]):
        found.setdefault(cells[0].strip("`").casefold(), []).append(cells[1])
    return found


def test_one_word_has_one_meaning():
    rows = [f"{word}: {' / '.join(said)}" for word, said in glossary().items() if len(said) > 1]
    assert not rows, listing(rows, "Choose one meaning, and another word for the other.")


def test_the_glossary_lists_the_kinds_and_purposes_of_the_code():
    words = glossary()
    kinds = set(re.findall(r"\b[A-Z]+[a-z]\w*[A-Z]?\w*\b", words["document"][0].partition(":")[2]))
    purposes = set(SPAN.findall(words["purpose"][0]))
    assert kinds == {kind.value for kind in DocumentKind}
    assert purposes == {purpose.value for purpose in Purpose}


def test_the_papers_do_not_use_the_banned_word():
    rows = []
    for name, text in papers().items():
        for number, line in enumerate(text.splitlines(), 1):
            if BARE.search(SPAN.sub("", FOREIGN.sub("", QUOTED.sub("", line)))):
                rows.append(f"{name}:{number} {line.strip()}")
    assert not rows, listing(rows, "Say order, tender, document, balance entry or commit; or quote it.")


# -- commands -----------------------------------------------------------------------------------


def code_lines(text: str) -> Iterator[str]:
    """Shell lines of fenced blocks, and code spans."""
    for language, block in FENCED.findall(text):
        if language in ("sh", "bash", "console"):
            yield from (line.strip() for line in block.splitlines())
    yield from SPAN.findall(FENCED.sub("", text))


def commands_named(program: str) -> Iterator[tuple[str, str]]:
    """Paper and command line, for every line that starts with the program."""
    for name, text in papers().items():
        for line in code_lines(text):
            if line == program or line.startswith(f"{program} "):
                yield name, line


@cache
def root_command() -> click.Group:
    """The real click tree, imported only here."""
    from qbconsole.cli.root import cli

    return cli


def option_names(command: click.Command) -> dict[str, bool]:
    """Option -> whether a value follows it."""
    return {
        name: not (option.is_flag or option.count)
        for option in command.params
        if isinstance(option, click.Option)
        for name in (*option.opts, *option.secondary_opts)
    } | {"--help": False}


def complaint(line: str) -> str:
    """What is wrong with a command line of the papers; empty when the command line knows it."""
    words = shlex.split(line.replace("…", " "), comments=True)[1:]
    command: click.Command = root_command()
    everywhere = known = option_names(command)
    while words:
        word = words.pop(0)
        if word in (">", "|", ">>", "<"):
            break
        if word.startswith("-"):
            option = word.partition("=")[0]
            if option not in known | everywhere:
                return f"{command.name} has no option {option}"
            if (known | everywhere)[option] and "=" not in word and words:
                words.pop(0)
        elif isinstance(command, click.Group) and word.islower():
            found = command.get_command(click.Context(command), word)
            if found is None:
                return f"{command.name} has no command {word}"
            command, known = found, option_names(found)
    return ""


def test_every_command_in_the_papers_exists():
    rows = [
        f"{name}: {line}: {wrong}" for name, line in commands_named("qbconsole") if (wrong := complaint(line))
    ]
    assert not rows, listing(rows, "Correct the paper, or build the command.")


def commands_told() -> Iterator[tuple[str, str]]:
    """Place and command line, for every `qbconsole …` in a text of the program: next steps, help, twins of keys."""
    for module in package_modules():
        for node in ast.walk(module.tree):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                whole = module.name == "qbconsole/console/registry.py"  # twins stand without quotes
                spans = [node.value] if whole else SPAN.findall(node.value)
                yield from ((module.at(node), span) for span in spans if span.startswith("qbconsole "))


def test_every_command_the_program_tells_people_to_run_exists():
    rows = sorted(
        f"{place}: {line}: {wrong}"
        for place, line in commands_told()
        if (wrong := complaint(line)) and wrong.rsplit(" ", 1)[-1] not in NOT_YET
    )
    assert not rows, listing(rows, "Tell people a command that is there.")


def test_the_list_of_commands_told_of_too_early_only_shrinks():
    missing = {wrong.rsplit(" ", 1)[-1] for _, line in commands_told() if (wrong := complaint(line))}
    rows = sorted(NOT_YET - missing)
    assert not rows, listing(rows, "It is built, or nobody tells of it any more: take it out of NOT_YET.")


def test_every_make_target_in_the_papers_exists():
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    rows = [
        f"{name}: {line}"
        for name, line in commands_named("make")
        for word in shlex.split(line, comments=True)[1:]
        if word.isalpha() and word.islower() and word not in targets
    ]
    assert not rows, listing(rows, "Correct the paper, or write the target.")


# -- links and paths ----------------------------------------------------------------------------


def anchors(text: str) -> set[str]:
    """The anchors of a paper's headings, as GitHub makes them."""
    headings = re.findall(r"^#+ (.+)$", FENCED.sub("", text), re.MULTILINE)
    plain = (re.sub(r"[^\w\- ]", "", heading.replace("`", "").lower()) for heading in headings)
    return {heading.strip().replace(" ", "-") for heading in plain}


def broken(name: str, target: str) -> str:
    """Why a link leads nowhere; empty when it leads somewhere."""
    path, _, anchor = target.partition("#")
    there = (ROOT / name).parent / path if path else ROOT / name
    if not there.exists():
        return f"{name}: {target}"
    if anchor and there.suffix == ".md" and anchor not in anchors(there.read_text(encoding="utf-8")):
        return f"{name}: {target} (no such heading)"
    return ""


def test_no_relative_link_is_broken():
    rows = [
        wrong
        for name, text in papers().items()
        for target in LINK.findall(FENCED.sub("", text))
        if not re.match(r"[a-z]+:", target) and (wrong := broken(name, target))
    ]
    assert not rows, listing(rows, "Mend the link, or put the file there.")


def _there(path: str) -> bool:
    return any(
        (base / shape).exists()
        for base in (ROOT, ROOT / "qbconsole")
        for shape in (path, f"{path}.py")
        if path
    )


def test_every_path_in_the_papers_exists():
    rows = []
    for name, text in papers().items():
        if name.startswith("tests/") or name == "CHANGELOG.md":
            continue
        for span in SPAN.findall(FENCED.sub("", text)):
            named_in_tree = PATH.fullmatch(span) and span.split("/")[0] in (
                *("qbconsole", "tests", "docs"),
                *(path.name for path in (ROOT / "qbconsole").iterdir() if path.is_dir()),
            )
            if named_in_tree and not _there(span.rstrip("/")):
                rows.append(f"{name}: {span}")
    assert not rows, listing(rows, "The file moved or is gone: write where it is now.")


# -- decisions ----------------------------------------------------------------------------------


def test_every_library_has_its_reason():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    wanted = [
        *project["project"]["dependencies"],
        *(one for extra in project["project"]["optional-dependencies"].values() for one in extra),
        *project["dependency-groups"]["dev"],
    ]
    names = {re.match(r"[\w.-]+", one)[0].lower() for one in wanted}
    said = papers()["docs/adr/0002-libraries.md"].lower()
    rows = sorted(name for name in names if not re.search(rf"(?<![\w-]){re.escape(name)}(?![\w-])", said))
    assert not rows, listing(rows, "Say in docs/adr/0002-libraries.md what it is for and what was looked at.")


def test_decisions_are_one_page_with_context_decision_and_consequence():
    pages = {name: text for name, text in papers().items() if name.startswith("docs/adr/")}
    numbers = [int(Path(name).name[:4]) for name in pages]
    assert numbers == list(range(1, len(numbers) + 1))
    rows = [
        name
        for name, text in pages.items()
        if re.findall(r"^## .+$", text, re.MULTILINE) != ADR_HEADINGS
        or not re.search(
            r"^Date: \d{4}-\d\d-\d\d\. Status: (accepted|superseded by .+)\.$", text, re.MULTILINE
        )
        or len(text.splitlines()) > ADR_LINES
    ]
    assert not rows, listing(rows, "Date and status, then context, decision, consequence; one page.")
