"""The road between a connector and our service: where calls and answers get lost, come twice, or meet a death."""

from __future__ import annotations

import httpx

from qbconsole.rehearsal.simulate.ends.program import Killed, Program
from qbconsole.rehearsal.simulate.ends.wire import Asked, Said
from qbconsole.rehearsal.simulate.moments import Moment

_SECONDS = 0.05


class Road:
    """From one connector of one company; every call and answer is a moment, "asked" and "said"."""

    def __init__(self, program: Program, company: str, connector: str, peer: str) -> None:
        self._program = program
        self._company = company
        self._connector = connector
        self._peer = peer

    def carry(self, request: Asked) -> Said:
        """Carry a call there and its answer back. Raises httpx.TransportError where something is lost."""
        program = self._program
        call = request.headers["soapaction"].strip('"').rpartition("/")[2]
        there = program.moments.passing("asked", self._moment(call))
        if there.lost:
            raise httpx.ConnectError("no route")
        said = self._carried(request)
        if there.twice:
            said = self._carried(request)
        back = program.moments.passing("said", self._moment(call))
        if back.lost:
            raise httpx.ReadError("no answer")
        return said

    def _moment(self, call: str) -> Moment:
        return Moment(company=self._company, connector=self._connector, call=call)

    def _carried(self, request: Asked) -> Said:
        program = self._program
        program.clock.sleep(_SECONDS)
        program.log.note(f"{self._company}/{self._connector} asks", request.body)
        try:
            said = program.handle(request, peer=self._peer)
        except Killed as cause:
            raise httpx.ReadError("the connection broke") from cause
        program.log.note(f"{self._company}/{self._connector} hears", said.content)
        if request.headers["soapaction"].endswith('receiveResponseXML"'):
            program.answers.append((request, self._peer))
        return said
