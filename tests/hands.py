"""A Web Connector worked by hand: each of its calls made when the test says so, to the real delivery of a trip."""

from __future__ import annotations

from trip import COMPANY, Trip, cheap_passwords

from qbconsole.sandbox.quickbooks import Answer
from qbconsole.webconnector.conversation import Hello, Login


class Hands:
    """One Web Connector at one address."""

    def __init__(
        self, trip: Trip, *, peer: str = "10.0.0.5", version: str = "2.3.0", file: str = "C:\\oak.qbw"
    ):
        self.trip, self.peer, self.version, self.file = trip, peer, version, file
        self.ticket = ""
        self._hcp = ""

    def login(self) -> str:
        """Authenticate; gives the word, "" or a path where a session began."""
        delivery = self.trip.delivery
        with cheap_passwords():
            login = Login(
                user=COMPANY, password=self.trip._password, peer=self.peer, client_version=self.version
            )
            opened = delivery.open(login)
        if opened.word not in ("none", "nvu", "busy"):
            self.ticket = opened.ticket
            self.trip.quickbooks.reopen()
            self._hcp = self.trip.quickbooks.hello()
        return opened.word

    def take(self) -> str:
        """Ask for the next set."""
        hello = Hello(hcp=self._hcp, company_file=self.file, country="US", major=16, minor=0)
        self._hcp = ""
        return self.trip.delivery.next(self.ticket, hello)

    def bring(self, text: str) -> Answer:
        """Let QuickBooks work on it."""
        return self.trip.quickbooks.process(text)

    def say(self, answer: Answer) -> int:
        """Hand QuickBooks' answer over; gives the percentage."""
        told = [answer.response] if answer.response else []
        return self.trip.delivery.answer(self.ticket, told, answer.hresult, answer.message)

    def close(self) -> str:
        """Say good-bye."""
        return self.trip.delivery.close(self.ticket)

    def take_until(self, part: str) -> str:
        """Go on until a set holds this text; gives it, taken and not answered."""
        for _ in range(200):
            text = self.take()
            assert text, f"the session ended before {part}: {self.trip.delivery.explain(self.ticket)}"
            if part in text:
                return text
            assert 0 <= self.say(self.bring(text)) < 100
        raise AssertionError("too many sets")

    def finish(self) -> str:
        """Go on to the end; gives how it ended."""
        for _ in range(2000):
            text = self.take()
            if not text:
                break
            percent = self.say(self.bring(text))
            if percent < 0 or percent == 100:
                break
        return self.close()

    def whole_session(self) -> str:
        """Login to good-bye; gives the word where there was nothing to do."""
        word = self.login()
        return word if word in ("none", "nvu", "busy") else self.finish()
