"""The state of the editor, and asking for what it shows. Every answer is posted by a worker; handlers own the state."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from textual import on
from textual.message import Message
from textual.timer import Timer
from textual.worker import Worker, get_current_worker

from qbconsole.console.desk import Lists, MappingSource, Standing
from qbconsole.console.messages import ReadingFailed
from qbconsole.console.screens.framed import Framed
from qbconsole.console.screens.mapping.messages import (
    EffectFailed,
    EffectProgressed,
    EffectSeen,
    ListsRead,
    MappingSeen,
    PageMade,
    UsesCounted,
)
from qbconsole.errors import QbconsoleError
from qbconsole.visible import safe

if TYPE_CHECKING:
    from qbconsole.care.mapping_file import OnDisk
    from qbconsole.rules.mapping.editing import Editing
    from qbconsole.rules.mapping.faults import Path
    from qbconsole.sync.preview import Effect
    from qbconsole.views.mapping.page import Page
    from qbconsole.views.mapping.uses import Uses

#: Seconds a choice rests before its effect is worked out.
PAUSE = 0.3
#: Seconds between countings of what was used, while others write.
COUNT_EVERY = 15.0
#: Seconds between two tellings of how far an effect is.
TELL_EVERY = 0.2


class MappingState(Framed):
    """What the editor holds in hand, and how it asks."""

    def __init__(self) -> None:
        super().__init__()
        self.editing: Editing | None = None
        #: The editing with the candidate under the cursor, while a name is being chosen.
        self.tried: Editing | None = None
        self.page: Page | None = None
        self.uses: Uses | None = None
        self.standing: Standing | None = None
        self.disk: OnDisk | None = None
        #: Company -> its lists.
        self.lists: dict[str, Lists] = {}
        self.effect: Effect | None = None
        #: What the effect is of, or why there is none, in words.
        self.effect_said = ""
        self.section = "accounts"
        #: Where to go once there are rows.
        self.wanted_path: Path | None = None
        #: Of which base and text the effect shown is.
        self._effect_of = ("", "")
        self._effect_timer: Timer | None = None
        self._effect_worker: Worker[None] | None = None
        self._counted_at = 0.0

    @property
    def source(self) -> MappingSource | None:
        """Where the mapping is read; None while nothing is open."""
        return self.console.desk.mapping if self.console.desk is not None else None

    @property
    def unsaved(self) -> int:
        """How many edits would be lost."""
        editing = self.editing
        return max(1, editing.count) if editing is not None and editing.changed else 0

    # ---- asking

    def reload(self) -> None:
        """Look at the file again, and at what is held and used."""
        source, editing = self.source, self.editing
        if source is not None:
            self.console.look(self, "mapping", lambda: MappingSeen(*source.seen(editing)))

    def make_page(self) -> None:
        """Ask for sections and rows of the editing as it is now."""
        source, editing, shown = self.source, self.editing, self.tried
        if source is not None and editing is not None:
            merchant = self.console.merchant
            self.console.look(
                self, "mapping page", lambda: PageMade(source.page(editing, merchant, shown=shown))
            )

    def count_uses(self) -> None:
        """Ask how often each entry was used; not at every commit of a busy service."""
        source, merchant = self.source, self.console.merchant
        if source is not None and time.monotonic() - self._counted_at > COUNT_EVERY:
            self._counted_at = time.monotonic()
            self.console.look(self, "mapping uses", lambda: UsesCounted(source.uses(merchant)))

    def read_lists(self, company: str) -> None:
        """Ask for a company file's lists."""
        source = self.source
        if source is not None:
            self.console.look(self, "mapping lists", lambda: ListsRead(company, source.lists(company)))

    # ---- the live effect

    def effect_soon(self) -> None:
        """Work the effect out once the choice rests; a newer choice ends the older one's work."""
        editing = self.tried or self.editing
        is_changed = editing is not None and editing.changed
        asked = (editing.base_sha, editing.text) if editing is not None and is_changed else ("", "")
        if is_changed and asked == self._effect_of:
            return  # it is there, or being worked out: picking a name asks for what was tried
        if self._effect_timer is not None:
            self._effect_timer.stop()
        if self._effect_worker is not None:
            self._effect_worker.cancel()
        self._effect_of = ("", "")
        if is_changed:
            self._effect_timer = self.set_timer(PAUSE, self._work_effect_out)
        else:
            self.effect, self.effect_said = None, ""
            self.show_effect()

    def _work_effect_out(self) -> None:
        source, editing = self.source, self.tried or self.editing
        if source is None or editing is None:
            return
        text, to, merchant = editing.text, self, self.console.merchant
        self._effect_of = (editing.base_sha, text)
        self.effect_said = "working it out …"
        self.show_effect()

        def work() -> Message:
            worker = get_current_worker()
            told = [0.0]

            def progress(done: int, of: int) -> None:
                if time.monotonic() - told[0] > TELL_EVERY and not worker.is_cancelled:
                    told[0] = time.monotonic()
                    to.post_message(EffectProgressed(done, of))

            try:
                merchants = (merchant,) if merchant else ()
                return EffectSeen(
                    source.effect(text, merchants, progress=progress, cancelled=lambda: worker.is_cancelled)
                )
            except QbconsoleError as error:
                return EffectFailed(safe(error))

        self._effect_worker = self.console.look(self, "mapping effect", work)

    @on(EffectProgressed)
    def _effect_progressed(self, event: EffectProgressed) -> None:
        self.effect_said = f"replaying {event.done:,} of {event.of:,} …"
        self.show_effect()

    @on(EffectSeen)
    def _effect_seen(self, event: EffectSeen) -> None:
        editing = self.tried or self.editing
        if event.effect.is_whole and editing is not None and editing.changed:
            self.effect, self.effect_said = event.effect, ""
            self.show_effect()

    @on(EffectFailed)
    def _effect_failed(self, event: EffectFailed) -> None:
        self.effect, self.effect_said = None, f"cannot be tried: {event.what}"
        self.show_effect()

    @on(UsesCounted)
    def _uses_counted(self, event: UsesCounted) -> None:
        self.uses = event.uses
        self.show_rows()
        self.show_uses()

    @on(ReadingFailed)
    def _unreadable(self, event: ReadingFailed) -> None:
        """A file that is no text leaves the rows as they are; the banner says why."""
        if self.editing is None:
            self.effect_said = event.what
            self.show_effect()

    # ---- what subclasses show

    def show_effect(self) -> None:
        """Paint the effect's panel."""
        raise NotImplementedError

    def show_rows(self) -> None:
        """Paint the section's rows."""
        raise NotImplementedError

    def show_uses(self) -> None:
        """Show how often names were used, where names are being chosen from."""
        raise NotImplementedError
