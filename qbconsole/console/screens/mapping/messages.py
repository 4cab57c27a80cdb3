"""What the editor's workers tell, in the past tense."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from textual.message import Message

if TYPE_CHECKING:
    from qbconsole.care.mapping_check import Checked
    from qbconsole.care.mapping_file import Edited, OnDisk
    from qbconsole.console.desk import Lists, Standing
    from qbconsole.rules.mapping.editing import Editing
    from qbconsole.rules.mapping.faults import Fault
    from qbconsole.sync.preview import Effect
    from qbconsole.views.mapping.page import Page
    from qbconsole.views.mapping.uses import Uses
    from qbconsole.views.revisions import RevisionLine


class MappingSeen(Message):
    """The file was looked at: as it stands against an editing, and what is in force."""

    def __init__(self, editing: Editing, disk: OnDisk, standing: Standing) -> None:
        self.editing = editing
        self.disk = disk
        self.standing = standing
        super().__init__()


class PageMade(Message):
    """Sections, rows, faults and text change of one state of the editing."""

    def __init__(self, page: Page) -> None:
        self.page = page
        super().__init__()


class UsesCounted(Message):
    """How often each entry was used."""

    def __init__(self, uses: Uses) -> None:
        self.uses = uses
        super().__init__()


class ListsRead(Message):
    """A company file's lists as QuickBooks told them last."""

    def __init__(self, company: str, lists: Lists) -> None:
        self.company = company
        self.lists = lists
        super().__init__()


class EffectProgressed(Message):
    """So much of the past was replayed."""

    def __init__(self, done: int, of: int) -> None:
        self.done = done
        self.of = of
        super().__init__()


class EffectSeen(Message):
    """What the edited mapping would do to the last days."""

    def __init__(self, effect: Effect) -> None:
        self.effect = effect
        super().__init__()


class EffectFailed(Message):
    """The edited mapping cannot be tried."""

    def __init__(self, what: str) -> None:
        self.what = what
        super().__init__()


class MappingSaved(Message):
    """The edited text is the file, and a revision."""

    def __init__(self, editing: Editing, edited: Edited) -> None:
        self.editing = editing
        self.edited = edited
        super().__init__()


class SavingRefused(Message):
    """Nothing was written: the text has faults."""

    def __init__(self, faults: Sequence[Fault]) -> None:
        self.faults = tuple(faults)
        super().__init__()


class SavingOvertaken(Message):
    """Nothing was written: somebody else saved meanwhile."""

    def __init__(self, what: str) -> None:
        self.what = what
        super().__init__()


class HistoryRead(Message):
    """The revisions there are."""

    def __init__(self, kept: Sequence[RevisionLine]) -> None:
        self.kept = tuple(kept)
        super().__init__()


class RevisionRead(Message):
    """The text of the revision that was chosen."""

    def __init__(self, text: str) -> None:
        self.text = text
        super().__init__()


class MappingChecked(Message):
    """Every error and warning of the text."""

    def __init__(self, checked: Checked) -> None:
        self.checked = checked
        super().__init__()
