"""Clients nobody here wrote run whole sessions against `serve` as a process of its own, over HTTP.

zeep reads our served WSDL; qbwc-kit's FakeWebConnector posts through httpx. Both end with the same books.
"""

from __future__ import annotations

import httpx
import pytest
from qbwc_kit.testing import FakeWebConnector

from qbconsole.rehearsal.demo import prepare, pull_and_book, result, serving
from qbconsole.rehearsal.stage import COMPANY, set_stage, write_workspace
from qbconsole.workspace import Workspace

pytestmark = pytest.mark.slow


@pytest.fixture
def staged(tmp_path):
    """A workspace whose orders are booked, and the two ends of its road."""
    write_workspace(tmp_path)
    with Workspace.open(tmp_path, environ={}) as workspace:
        stage = set_stage(tmp_path, orders=30, seed=9, now=workspace.clock())
        password = prepare(workspace)
        pull_and_book(workspace, stage)
        with serving(tmp_path) as url:
            yield workspace, stage, password, url


def assert_all_is_there(workspace, stage):
    told = result(workspace, stage, 1)
    assert told.difference == 0
    assert told.recorded == told.documents - len(told.held) > 20


def test_zeep_runs_a_whole_session_against_serve(staged):
    from zeep import Client

    workspace, stage, password, url = staged
    client = Client(f"{url}?wsdl")
    service = client.service
    try:
        assert service.authenticate(COMPANY, "wrong")[1] == "nvu"
        ticket, word = service.authenticate(COMPANY, password)
        assert word == r"C:\QB\Oak.qbw"
        hello, percent, progress = stage.quickbooks.hello(), 0, []
        while percent < 100:
            text = service.sendRequestXML(ticket, hello, word, "US", 16, 0)
            answer = stage.quickbooks.process(text)
            percent = service.receiveResponseXML(ticket, answer.response, answer.hresult, answer.message)
            assert percent >= 0, service.getLastError(ticket)
            progress.append(percent)
            hello = ""
        assert service.closeConnection(ticket) == "OK"
        assert all(one < 100 for one in progress[:-1])
        assert service.authenticate(COMPANY, password)[1] == "none"
    finally:
        client.transport.session.close()
    assert_all_is_there(workspace, stage)


def test_qbwc_kits_web_connector_runs_a_whole_session_against_serve(staged):
    workspace, stage, password, url = staged
    with httpx.Client(trust_env=False, timeout=30) as http:

        def transport(body: str) -> str:
            headers = {"content-type": "text/xml; charset=utf-8"}
            return http.post(url, content=body.encode(), headers=headers).raise_for_status().text

        connector = FakeWebConnector(transport, username=COMPANY, password=password)
        update = connector.run_update(lambda text: stage.quickbooks.process(text).response)
        assert update.authenticated
        assert update.progress[-1] == 100
        assert connector.run_update(lambda text: "").last_error == "none"
    assert_all_is_there(workspace, stage)
