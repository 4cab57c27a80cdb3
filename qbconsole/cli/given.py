"""What every command is given: the global options, and the workspace they name, opened when it is needed."""

from __future__ import annotations

import getpass
import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from qbconsole.errors import MappingInvalid, UsageError
from qbconsole.visible import safe

if TYPE_CHECKING:
    from qbconsole.sync.means import Means
    from qbconsole.workspace import Workspace


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """The global options of one command line."""

    root: Path | None = None
    company: str | None = None
    merchant: str | None = None
    as_json: bool = False
    readonly: bool = False

    @property
    def place(self) -> Path:
        """The directory meant, whether it is a workspace or not."""
        return Path(self.root or os.environ.get("QBCONSOLE_WORKSPACE") or Path.cwd()).absolute()

    @property
    def interactive(self) -> bool:
        """True where a person can be asked."""
        return sys.stdin.isatty() and sys.stderr.isatty() and not self.as_json

    @property
    def who(self) -> str:
        """Who is named in the journal."""
        try:
            return f"operator:{getpass.getuser()}"
        except (KeyError, OSError):  # a container's user may have no name
            return f"operator:{os.getuid()}"

    @contextmanager
    def opened(self) -> Iterator[Workspace]:
        """The workspace, with its log. Raises WorkspaceError, StoreBroken."""
        from qbconsole.care.logbook import keep_log
        from qbconsole.workspace import Workspace

        with Workspace.open(self.root, readonly=self.readonly) as workspace:
            keep_log(workspace.root / ".qbconsole" / "logs", write=not self.readonly)
            yield workspace

    @contextmanager
    def changing(self) -> Iterator[Workspace]:
        """The same for a command that changes something. Raises UsageError under --readonly."""
        self.require_writable()
        with self.opened() as workspace:
            yield workspace

    def tell_broken_mapping(self, workspace: Workspace) -> str:
        """Say on stderr that an older mapping is in use, or none; gives the sentence, empty where the file is in force."""
        fault = workspace.mapping_fault()
        if fault is None:
            return ""
        instead = "the last good revision is" if workspace.has_good_mapping else "and no text of it ever was"
        told = f"mappings.toml is not in force, {instead}: {_first(fault)}"
        click.echo(safe(told, limit=500), err=True)
        return told

    def require_writable(self) -> None:
        """Refuse under --readonly."""
        if self.readonly:
            raise UsageError(
                "this command changes something, and --readonly was given", next="Leave --readonly out."
            )

    def the_company(self, means: Means) -> str:
        """The one company file meant. Raises UsageError when it is not said which."""
        known = list(means.mapping.companies)
        if self.company is not None and self.company not in known:
            raise UsageError(
                f"there is no company {self.company!r}",
                next=f"Use one of: {', '.join(known) or 'none is mapped yet'}.",
            )
        if self.company is None and self.merchant is not None:
            return means.merchant(self.merchant).company
        if self.company is None and len(known) != 1:
            raise UsageError(
                f"there are {len(known)} company files", next=f"Name one with --company: {', '.join(known)}."
            )
        return self.company or known[0]

    def narrowed(self, means: Means) -> dict[str, str | None]:
        """Company and merchant for a view. Raises UsageError for names the mapping does not know."""
        if self.company is not None:
            self.the_company(means)
        if self.merchant is not None:
            means.merchant(self.merchant)
        return {"company": self.company, "merchant": self.merchant}


pass_given = click.make_pass_decorator(Given)


def log_for(words: Sequence[str]) -> Any:
    """The log of the workspace a command line names, for the outermost ring; it never fails."""
    import structlog

    from qbconsole.care.logbook import keep_log

    place = words[words.index("--workspace") + 1] if "--workspace" in words[:-1] else None
    root = Given(root=Path(place) if place else None).place
    keep_log(root / ".qbconsole" / "logs", write=(root / "mappings.toml").is_file())
    return structlog.get_logger("qbconsole.command")


def _first(fault: MappingInvalid) -> str:
    """What is wrong in one line; of several the first."""
    from qbconsole.rules.mapping.faults import MappingFaults

    if isinstance(fault, MappingFaults) and len(fault.faults) > 1:
        return f"{fault.faults[0]}; {len(fault.faults) - 1} more, `qbconsole mapping check` lists them"
    return f"{fault.where}: {fault.what}"
