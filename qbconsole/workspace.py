"""Workspace: opens a directory, reads the clock and the environment, and wires the parts.

The only place that does. A workspace holds `mappings.toml`, `plugins/`, `templates/` and, for us alone,
`.qbconsole/` with the database, keys, logs and backups.
"""

from __future__ import annotations

import functools
import os
import uuid
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from qbconsole.bundled import bundled
from qbconsole.care.mapping_check import Checked, checked
from qbconsole.errors import MappingInvalid, StoreError, UsageError, WorkspaceError
from qbconsole.rules.mapping.read import read, text_of
from qbconsole.rules.mapping.values import Mapping as Decisions
from qbconsole.rules.mapping.values import nothing_mapped
from qbconsole.store import decisions
from qbconsole.store.database import Store
from qbconsole.store.database.opening import file_of
from qbconsole.store.secrets import Keys, open_keys
from qbconsole.store.sharing.alone import Alone, holder, take
from qbconsole.store.sharing.made_once import make_once
from qbconsole.sync.means import Means

MAPPING = "mappings.toml"
OWN = ".qbconsole"
_STATE = "state.db"
_PIECE = 1 << 16
_LAST_GOOD = "Correct the lines named; the last good revision stays in force until then."
_NEVER_GOOD = (
    "Correct the lines named, or mend them with `qbconsole mapping set PATH VALUE`; no text was ever valid here, so "
    "nothing is booked or sent until then."
)
_INSTALL_STEP = "Put the file back from a backup; the company file's marker holds the same name."
#: Below this much room on the disk no session begins: the largest answer (64 MiB) is kept in the write-ahead log
#: and then in the file, and the next one must fit as well.
ROOM_BYTES = 256 * 2**20


def short_of_room(folder: Path, needed: int | None = None) -> str:
    """What is missing where the database lies, "" where there is room."""
    disk = os.statvfs(folder)
    free, least = disk.f_bavail * disk.f_frsize, ROOM_BYTES if needed is None else needed
    if free >= least:
        return ""
    return f"{free // 2**20} MiB are free on the disk and {least // 2**20} are needed; free disk space"


def no_session(database: Path | None) -> tuple[str, ...]:
    """Why no session begins on this computer, in a sentence; empty where one may. A server's disk is not ours to look at."""
    short = short_of_room(database.parent) if database is not None else ""
    return (f"No session begins: {short}.",) if short else ()


def _no_mapping(place: Path) -> WorkspaceError:
    """Where our database lies, another mapping would decide everything unsent anew: the old one is put back."""
    what = f"there is no {MAPPING} here"
    if not (place / OWN / _STATE).is_file():
        return WorkspaceError(what, where=str(place))
    return WorkspaceError(
        f"{what}, though a database is",
        where=str(place),
        next=f"Put it back: from version control, a backup, or its newest copy beside it ({MAPPING}.~1~). What is unsent "
        "follows the mapping: with the one of `qbconsole init` it would be booked anew.",
    )


def clock_from(environ: Mapping[str, str]) -> Callable[[], datetime]:
    """The real clock, or the fixed instant of QBCONSOLE_NOW. Raises UsageError when that is no instant."""
    fixed = environ.get("QBCONSOLE_NOW")
    if not fixed:
        return lambda: datetime.now(UTC)
    try:
        moment = datetime.fromisoformat(fixed)
    except ValueError as cause:
        raise UsageError(
            f"QBCONSOLE_NOW is no instant: {fixed!r}", next="Write it as 2026-11-21T07:00:00Z."
        ) from cause
    instant = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return lambda: instant


@dataclass(slots=True)
class Workspace:
    """One open directory. Close it, or use it as a context manager."""

    root: Path
    clock: Callable[[], datetime]
    database: str | Path
    readonly: bool = False
    #: What QBCONSOLE_LOAD_PLUGINS names; None where it is not set.
    plugins_allowed: frozenset[str] | None = None
    _store: Store | None = field(default=None, repr=False)
    _alone: Alone | None = field(default=None, repr=False)
    #: The mapping's file as it was found last, and its text: it is asked for at every call of a Web Connector.
    _read: tuple[bytes, str] = field(default=(b"", ""), repr=False)

    @classmethod
    def open(
        cls,
        root: Path | None = None,
        *,
        environ: Mapping[str, str] | None = None,
        readonly: bool = False,
    ) -> Workspace:
        """Open a directory that has a mappings.toml. Raises WorkspaceError with the command that makes one."""
        env = os.environ if environ is None else environ
        chosen = Path(root or env.get("QBCONSOLE_WORKSPACE") or Path.cwd()).resolve()
        if not (chosen / MAPPING).is_file():
            raise _no_mapping(chosen)
        return cls(
            root=chosen,
            clock=clock_from(env),
            database=_database(env, chosen),
            readonly=readonly,
            plugins_allowed=_allowed(env.get("QBCONSOLE_LOAD_PLUGINS")),
        )

    def __enter__(self) -> Workspace:
        return self

    def __exit__(self, *_error: object) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the database."""
        if self._store is not None:
            self._store.close()
            self._store = None
        if self._alone is not None:
            self._alone.give_up()
            self._alone = None

    @property
    def own(self) -> Path:
        """Our own folder, made private when first needed."""
        folder = self.root / OWN
        try:
            folder.mkdir(mode=0o700, exist_ok=True)
        except OSError as cause:
            raise WorkspaceError(
                f"the workspace cannot be written: {cause.strerror}",
                where=str(self.root),
                next="Give your user the right to write there, or choose another --workspace.",
            ) from cause
        return folder

    @property
    def store(self) -> Store:
        """The database, opened when first needed."""
        if self._store is None:
            if isinstance(self.database, Path) and not self.readonly:
                _ = self.own
            self._store = Store.open(self.database, clock=self.clock, readonly=self.readonly)
        return self._store

    @property
    def served_alone(self) -> bool:
        """Whether one process at a time serves this database: a SQLite file."""
        return file_of(self.database) is not None

    def serve_alone(self) -> bool:
        """Become the one process that serves this database; False while another is. PostgreSQL takes many."""
        file = file_of(self.database)
        if file is not None and self._alone is None:
            self._alone = take(file)
        return file is None or self._alone is not None

    def served_by(self) -> str:
        """The process that serves this database, in words."""
        file = file_of(self.database)
        return holder(file) if file is not None else "other processes"

    @property
    def keys(self) -> Keys:
        """The keys that open this workspace's secrets; made when first needed."""
        return open_keys(self.own / "keys")

    @property
    def install_id(self) -> str:
        """Names this installation in the company file's marker; made once, kept outside the database."""
        path = self.own / "install"
        try:
            if not path.exists():
                make_once(path, uuid.uuid4().hex.encode())
            found = path.read_text(encoding="ascii").strip()
        except (OSError, UnicodeDecodeError) as cause:
            raise WorkspaceError(
                f"the name of this installation cannot be kept: {cause}", where=str(path), next=_INSTALL_STEP
            ) from cause
        if not found:
            raise WorkspaceError(
                "the name of this installation is empty", where=str(path), next=_INSTALL_STEP
            )
        return found

    def means(self) -> Means:
        """What the verbs work with. Raises MappingInvalid only when no valid revision was ever in force."""
        text = self.mapping_text()
        return self._means(text, read(text, MAPPING))

    def means_to_mend(self) -> Means:
        """The same for who edits the file: where no text of it was ever valid, nothing is mapped yet."""
        try:
            return self.means()
        except MappingInvalid:
            return self._means("", nothing_mapped(MAPPING))

    def _means(self, text: str, mapping: Decisions) -> Means:
        kept = str(self.root / OWN / "plugins")
        return Means(
            store=self.store,
            clock=self.clock,
            mapping=mapping,
            mapping_text=text,
            templates=self.templates(),
            shipped_templates=_shipped_templates(),
            plugin_folders=(kept, *self._plugin_folders()),
            plugins_kept=kept,
            reread=self.means,
            plugins_allowed=self.plugins_allowed,
        )

    def mapping_text(self) -> str:
        """The mapping in force: the file, or the last good revision where the file is broken."""
        try:
            text = self._file_text()
            read(text, MAPPING)
        except MappingInvalid as fault:
            last = self._last_good()
            if last is None:
                fault.next = _NEVER_GOOD
                raise
            return last
        return text

    @property
    def has_good_mapping(self) -> bool:
        """Whether a mapping is in force: the file's, or a revision that was valid."""
        return self.mapping_fault() is None or self._last_good() is not None

    def _last_good(self) -> str | None:
        """The text last in force; None where none ever was. Makes no database to find that out."""
        if isinstance(self.database, Path) and not self.database.is_file():
            return None
        with self.store.reading() as tx:
            last = decisions.in_force(tx)
        return last.text if last is not None else None

    def _file_text(self) -> str:
        try:
            # As it stands: a revision has the same bytes, a Windows file's line breaks too.
            raw = _bytes_of(f"{self.root}{os.sep}{MAPPING}")
        except OSError as cause:
            raise MappingInvalid(
                f"{MAPPING} cannot be read: {cause}", where=str(self.root / MAPPING)
            ) from cause
        if raw != self._read[0]:
            self._read = (raw, text_of(raw))
        return self._read[1]

    def mapping_fault(self) -> MappingInvalid | None:
        """Why the file is not in force, or None when it is."""
        try:
            read(self._file_text(), MAPPING)
        except MappingInvalid as fault:
            # A damaged database is not what is asked about here.
            with suppress(StoreError):
                fault.next = _NEVER_GOOD if self._last_good() is None else _LAST_GOOD
            return fault
        return None

    def mapping_checked(self) -> Checked:
        """The file looked through by lint too, with QuickBooks' lists where a database keeps them already."""
        fault = self.mapping_fault()
        from qbconsole.care.plugins.options import with_options  # draws in all that tries plugins

        there = not isinstance(self.database, Path) or self.database.is_file()
        text = "" if fault is not None else self._file_text()
        found = checked(
            text, MAPPING, fault, self.store if there and fault is None else None, self.clock().date()
        )
        if fault is not None:
            return found
        return with_options(found, read(text, MAPPING), self._plugin_folders(), self.plugins_allowed)

    def _plugin_folders(self) -> tuple[str, ...]:
        """Where plugins are looked for: the workspace's own, then those that are shipped; none runs unasked."""
        return tuple(dict.fromkeys((str(self.root / "plugins"), str(bundled("plugins")))))

    def templates(self) -> dict[str, str]:
        """Every template by its path below templates/; the workspace's own stand before the shipped ones."""
        return _shipped_templates() | _templates_in(self.root / "templates")


@functools.cache
def _shipped_templates() -> dict[str, str]:
    """Those of the installation; they are read once a process, for nobody edits them."""
    return _templates_in(bundled("templates"))


def _templates_in(folder: Path) -> dict[str, str]:
    if not folder.is_dir():
        return {}
    paths = sorted(folder.rglob("*.j2"))
    return {path.relative_to(folder).as_posix(): _template(path) for path in paths}


def _template(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as cause:
        raise WorkspaceError(
            f"a template cannot be read: {cause}",
            where=str(path),
            next="Save it as UTF-8, readable for this user, or take it away: the shipped one is used then.",
        ) from cause


def _bytes_of(path: str) -> bytes:
    """A small file as it stands, by the system's own calls: a file object takes three times as long. Raises OSError."""
    number = os.open(path, os.O_RDONLY | getattr(os, "O_BINARY", 0))
    try:
        pieces = []
        while piece := os.read(number, _PIECE):
            pieces.append(piece)
    finally:
        os.close(number)
    return b"".join(pieces)


def _allowed(names: str | None) -> frozenset[str] | None:
    """Names set apart by commas or spaces; an empty list rescues from every plugin."""
    return None if names is None else frozenset(names.replace(",", " ").split())


def _database(env: Mapping[str, str], root: Path) -> str | Path:
    """The database meant. A misspelt address must never become a new, empty file: what is posted would be posted again."""
    url = env.get("QBCONSOLE_DATABASE_URL")
    if url and "://" not in url:
        raise UsageError(
            f"QBCONSOLE_DATABASE_URL is no address of a database: {url!r}",
            next="Write postgresql://USER@HOST/NAME, or unset it to use .qbconsole/state.db.",
        )
    return url or root / OWN / _STATE
