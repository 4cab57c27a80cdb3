"""The templates of a workspace by their paths: which one a merchant's documents use, compiled when first used.

A merchant's own stands in a folder of its name ("oak-ember/sales_receipt_add.xml.j2") and goes before the one all
use. What a template says wrongly is raised or told with its file and line.
"""

from __future__ import annotations

import hashlib
import re
import traceback
from collections.abc import Callable, Mapping

from jinja2 import TemplateNotFound, TemplateSyntaxError, nodes

from qbconsole.errors import TemplateBroken
from qbconsole.qbxml.flat import View
from qbconsole.qbxml.schema import Fault
from qbconsole.qbxml.templating.compiling import Sandbox
from qbconsole.qbxml.templating.guarded import GuardedSandbox
from qbconsole.value import Value, replace

_ADDRESS = re.compile(r" at 0x[0-9a-fA-F]+")


def in_ascii(text: str) -> str:
    """A request's text without the blanks around it, other letters as numbers."""
    text = text.strip()
    return text if text.isascii() else text.encode("ascii", "xmlcharrefreplace").decode("ascii")


class Chosen(Value):
    """Which template writes a merchant's requests."""

    #: The merchant's folder where it has one; "" for everybody's.
    folder: str
    #: Path below templates/, and the sha256 of its text in hex.
    path: str
    sha256: str
    #: It is the very text that ships.
    proven: bool


class Templates:
    """All templates of a workspace.

    `sources` holds the text of each by its path below `templates/`. `proven` are the shipped ones, which our own
    tests prove faithful: what the very same text writes is not read again, and its work is not counted.
    """

    def __init__(self, sources: Mapping[str, str], proven: Mapping[str, str]) -> None:
        self._sources = sources
        self._proven = {name for name, text in proven.items() if sources.get(name) == text}
        self._own = {name.partition("/")[0] for name in sources if "/" in name}
        self._runs: dict[tuple[str, str], Callable[[View], str]] = {}
        self._sandboxes: dict[tuple[str, bool], Sandbox] = {}
        self._chosen: dict[tuple[str | None, str], Chosen] = {}
        #: What no document can be written with: parsed once, and not again for each document.
        self._unreadable: dict[tuple[str, str], TemplateSyntaxError] = {}

    def path(self, folder: str, name: str) -> str:
        """The path below templates/ of the one that is used."""
        own = f"{folder}/{name}"
        return own if folder and own in self._sources else name

    def is_proven(self, folder: str, name: str) -> bool:
        """Whether the very text that ships is used."""
        return name in self._proven and f"{folder}/{name}" not in self._sources

    def chosen(self, merchant: str | None, name: str) -> Chosen:
        """The template that writes a merchant's requests of this name."""
        found = self._chosen.get((merchant, name))
        if found is None:
            folder = merchant if merchant is not None and merchant in self._own else ""
            path = self.path(folder, name)
            digest = hashlib.sha256(self._sources.get(path, "").encode()).hexdigest()
            found = Chosen(folder=folder, path=path, sha256=digest, proven=self.is_proven(folder, name))
            self._chosen[merchant, name] = found
        return found

    def run(self, folder: str, name: str, view: View) -> str:
        """Render one flat value to ASCII. Raises TemplateBroken with the template's file and line."""
        return in_ascii(self._tried(folder, name, view))

    def tree(self, name: str) -> nodes.Template:
        """The tree of a shipped template, which parses: our own tests see to that."""
        return self._sandbox("", proven=True).tree(name)

    def compile(self, folder: str, name: str) -> None:
        """Compile a template without running it. Raises TemplateBroken with its file and line."""
        self._tried(folder, name, None)

    def _tried(self, folder: str, name: str, view: View | None) -> str:
        try:
            run = self._runner(folder, name)
            return "" if view is None else run(view)
        except Exception as cause:  # a template is a merchant's program: it may raise anything
            raise self._broken(folder, name, cause) from cause

    def _runner(self, folder: str, name: str) -> Callable[[View], str]:
        run = self._runs.get((folder, name))
        if run is None:
            if (known := self._unreadable.get((folder, name))) is not None:
                raise TemplateSyntaxError(known.message or "", known.lineno, known.name, known.filename)
            try:
                run = self._sandbox(folder, self.is_proven(folder, name)).runner(name)
            except TemplateSyntaxError as cause:
                self._unreadable[folder, name] = cause
                raise
            self._runs[folder, name] = run
        return run

    def placed(self, fault: Fault, folder: str, name: str) -> Fault:
        """The fault with the template's line that writes the faulty element."""
        path = self.path(folder, name)
        lines = self._sources.get(path, "").splitlines()
        tag = re.compile(rf"</?{re.escape(fault.element)}\b") if fault.element else None
        numbers = [number for number, text in enumerate(lines, 1) if tag and tag.search(text)]
        return replace(fault, where=f"templates/{path}:{numbers[0] if numbers else 1}")

    def _sandbox(self, folder: str, proven: bool) -> Sandbox:
        found = self._sandboxes.get((folder, proven))
        if found is None:
            kind = Sandbox if proven else GuardedSandbox
            found = self._sandboxes[folder, proven] = kind(lambda name: self._load(folder, name))
        return found

    def _load(self, folder: str, name: str) -> tuple[str, str, None] | None:
        """A template by its bare name: nobody includes another merchant's, or a path."""
        path = self.path(folder, name)
        if "/" in name or path not in self._sources:
            return None
        return self._sources[path], f"templates/{path}", None

    def _broken(self, folder: str, name: str, cause: Exception) -> TemplateBroken:
        """Name the template's line where it stopped."""
        whole = f"templates/{self.path(folder, name)}"
        frames = traceback.extract_tb(cause.__traceback__)
        lines = [f"{one.filename}:{one.lineno}" for one in frames if one.filename.startswith("templates/")]
        where = lines[-1] if lines else f"{whole}:1"
        if isinstance(cause, TemplateNotFound):
            return TemplateBroken(f"there is no template {cause.name}", where=where)
        if isinstance(cause, TemplateSyntaxError):
            place = f"{cause.filename or whole}:{cause.lineno}"
            return TemplateBroken(cause.message or "a syntax error", where=place)
        if isinstance(cause, RecursionError):
            return TemplateBroken("it includes or calls itself without end", where=where)
        return TemplateBroken(_ADDRESS.sub("", f"{cause}"), where=where)
