"""Means: what every verb is given to work with; wired in `workspace`, by tests as they like."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from qbconsole.errors import UsageError
from qbconsole.rules.mapping.values import Mapping as Decisions
from qbconsole.rules.mapping.values import Merchant
from qbconsole.rules.nearest import nearest
from qbconsole.store.database import Store

#: Cursor of a merchant, with the order's id behind it: a test order that was pulled on purpose.
TEST_WANTED = "test_wanted/"


@dataclass(frozen=True, slots=True, kw_only=True)
class Means:
    """Store, clock and the merchant's decisions in force."""

    store: Store
    #: Aware UTC.
    clock: Callable[[], datetime]
    mapping: Decisions
    mapping_text: str
    #: Path below templates/ -> text.
    templates: Mapping[str, str]
    shipped_templates: Mapping[str, str]
    #: Where plugins are looked for, the first wins: the versions in force, then the merchant's files.
    plugin_folders: tuple[str, ...] = ()
    #: Where the versions in force are kept, the first of those; "" where files decide as they stand.
    plugins_kept: str = ""
    #: What the workspace's files say by now; None where nothing else is read from.
    reread: Callable[[], Means] | None = None
    #: Plugins that may be loaded at all (QBCONSOLE_LOAD_PLUGINS); None is all that merchants ask for.
    plugins_allowed: frozenset[str] | None = None

    @property
    def own_plugin_folders(self) -> tuple[Path, ...]:
        """Where merchants' files stand, without the versions kept of them."""
        return tuple(Path(folder) for folder in self.plugin_folders if folder != self.plugins_kept)

    def may_load(self, plugin: str) -> bool:
        """Whether a plugin may be loaded here."""
        return self.plugins_allowed is None or plugin in self.plugins_allowed

    def merchant(self, merchant_id: str) -> Merchant:
        """A merchant of the mapping. Raises UsageError naming the nearest one."""
        found = self.mapping.merchants.get(merchant_id)
        if found is None:
            raise UsageError(
                f"there is no merchant {merchant_id!r}{nearest(merchant_id, self.mapping.merchants)}",
                next=f"Use one of: {', '.join(self.mapping.merchants) or 'none is mapped yet'}.",
            )
        return found

    def merchants(self, merchant_id: str | None = None, company: str | None = None) -> tuple[Merchant, ...]:
        """The merchants a verb is about: the one named, a company's, or all."""
        if merchant_id is not None:
            return (self.merchant(merchant_id),)
        everyone = tuple(self.mapping.merchants.values())
        return tuple(one for one in everyone if company in (None, one.company))
