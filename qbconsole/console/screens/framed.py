"""Framed: what every screen of the console has: header, footer, the read-only rule, and a way to be read again."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, ClassVar, cast

from textual import on
from textual.app import ComposeResult
from textual.screen import Screen
from textual.widget import Widget

from qbconsole.console.messages import ActionDone, ReadingFailed
from qbconsole.console.registry import changing
from qbconsole.console.widgets.footer import Footer
from qbconsole.console.widgets.header import Header

if TYPE_CHECKING:
    from qbconsole.console.app import QbConsole


class Framed(Screen[None], inherit_bindings=False):
    """A screen between header and footer. Subclasses give MODE, SCOPE, `body` and `reload`."""

    MODE: ClassVar[str]
    #: The scope of its own commands in the registry; "app" where it has none.
    SCOPE: ClassVar[str] = "app"

    def compose(self) -> ComposeResult:
        """Lay header, body and footer out."""
        yield Header(self.MODE)
        yield from self.body()
        yield Footer(self.MODE)

    def body(self) -> Iterable[Widget]:
        """Give what stands between header and footer."""
        raise NotImplementedError

    def reload(self) -> None:
        """Ask for everything shown anew; cursor and marks stay."""
        raise NotImplementedError

    @property
    def console(self) -> QbConsole:
        """The app, by its own type."""
        return cast("QbConsole", self.app)

    def on_screen_resume(self) -> None:
        """Come to the front: what is shown may be old."""
        self.head()
        self.reload()

    def on_resize(self) -> None:
        """The header is laid out by hand."""
        self.call_after_refresh(self.head)

    def head(self, right: str = "") -> None:
        """Write the header."""
        console = self.console
        self.query_one(Header).tell(
            whose=console.whose, mode=console.mode_word, right=right or self.right(), banner=console.banner
        )
        self.query_one(Footer).tell(console.keymap, may_change=console.may_change)

    def right(self) -> str:
        """Give what stands at the right end of the header."""
        return ""

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """What changes anything is not there under --readonly."""
        return not (changing(action) and not self.console.may_change)

    @on(ReadingFailed)
    def _not_read(self, event: ReadingFailed) -> None:
        self.console.tell(f"{event.what}\n{event.next_step}", wrong=True)

    @on(ActionDone)
    def _done(self, event: ActionDone) -> None:
        self.console.tell(event.sentence)
        self.reload()
