"""The servers of the delivery bench, each a process of its own: ours, qbwc-kit with a durable queue, and limits.

`python servers.py ours WORKSPACE PORT BATCH`, `bare WORKSPACE PORT BATCH` (and `front`, `elsewhere`, `folded`),
`kit QUEUE PORT BATCH`, `echo BODY PORT BATCH`, `kit_list - PORT PAGE`.
"""

from __future__ import annotations

import sqlite3
import sys
from collections.abc import Generator
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any

import uvicorn

if TYPE_CHECKING:
    from bare import Bare

PASSWORD = "s3cret"
SCHEMA = """
    PRAGMA journal_mode = WAL;
    PRAGMA synchronous = FULL;
    CREATE TABLE IF NOT EXISTS queue (id INTEGER PRIMARY KEY, state TEXT, qb_id TEXT, body TEXT);
    CREATE INDEX IF NOT EXISTS waiting ON queue (id) WHERE state = 'ready';
"""


def ours(workspace: str, port: int, batch: int) -> None:
    """`qbconsole serve`, its sets of one size."""
    from qbconsole.serve import Listening, serve
    from qbconsole.sync.deliver.phases import send
    from qbconsole.workspace import Workspace

    fix(send, batch)
    serve(Workspace.open(Path(workspace), environ={}), Listening(port=port))


def fix(send: Any, batch: int) -> None:
    """Hold the size of a set where the bench wants it, however quick QuickBooks is."""
    from qbconsole.sync.deliver.pace import Pace

    send.pace_of = lambda _tx, _company: Pace(batch=batch)


def bare(workspace: str, port: int, batch: int) -> None:
    """What we keep of a document, and nothing that thinks."""
    from bare import Bare

    _limit(Bare, workspace, port, batch)


def front(workspace: str, port: int, batch: int) -> None:
    """Our front, and nothing is kept."""
    from limits import Front

    _limit(Front, workspace, port, batch)


def elsewhere(workspace: str, port: int, batch: int) -> None:
    """The raw answers are kept, and nobody settles them."""
    from limits import Elsewhere

    _limit(Elsewhere, workspace, port, batch)


def folded(workspace: str, port: int, batch: int) -> None:
    """What we keep of a document, many sets in one commit."""
    from limits import Folded

    _limit(Folded, workspace, port, batch)


def _limit(kind: type[Bare], workspace: str, port: int, batch: int) -> None:
    from trip import COMPANY

    from qbconsole.webconnector.service import soap_app

    conversation = kind(Path(workspace) / ".qbconsole" / "state.db", COMPANY, batch)
    _run(soap_app(conversation, url=f"http://localhost:{port}/qbwc"), port)


def kit(queue: str, port: int, batch: int) -> None:
    """qbwc-kit behind its own FastAPI adapter; each set is taken from a durable queue and acknowledged in one commit."""
    from qbwc_kit import QBWCService, StaticAuthenticator
    from qbwc_kit.server import create_app

    store = sqlite3.connect(queue, check_same_thread=False, isolation_level=None)
    store.executescript(SCHEMA)

    class Drain:
        name = "drain"

        def run(self, _ctx: Any) -> Generator[str, Any]:
            question = "SELECT id, body FROM queue WHERE state = 'ready' ORDER BY id LIMIT ?"
            while rows := store.execute(question, (batch,)).fetchall():
                fragments = "".join(body for _, body in rows)
                told = yield (
                    '<?xml version="1.0" encoding="utf-8"?><?qbxml version="13.0"?><QBXML>'
                    f'<QBXMLMsgsRq onError="continueOnError">{fragments}</QBXMLMsgsRq></QBXML>'
                )
                done = [
                    (answer.raise_for_status().records[0]["TxnID"], number)
                    for (number, _), answer in zip(rows, told.responses, strict=True)
                ]
                store.execute("BEGIN IMMEDIATE")
                store.executemany("UPDATE queue SET state = 'done', qb_id = ? WHERE id = ?", done)
                store.execute("COMMIT")

    service = QBWCService(authenticator=StaticAuthenticator("oak", PASSWORD, [Drain()]))
    _run(create_app(service, endpoint_url=f"http://localhost:{port}/qbwc"), port)


def kit_list(_where: str, port: int, page: int) -> None:
    """qbwc-kit reading the customers page by page; it keeps their names and nothing on disk."""
    from qbwc_kit import QBWCService, StaticAuthenticator
    from qbwc_kit.server import create_app

    class Customers:
        name = "customers"

        def run(self, _ctx: Any) -> Generator[str, Any]:
            names: dict[str, str] = {}
            iterator = 'iterator="Start"'
            while iterator:
                told = yield (
                    '<?xml version="1.0" encoding="utf-8"?><?qbxml version="13.0"?><QBXML>'
                    f'<QBXMLMsgsRq onError="continueOnError"><CustomerQueryRq requestID="1" {iterator}>'
                    f"<MaxReturned>{page}</MaxReturned></CustomerQueryRq></QBXMLMsgsRq></QBXML>"
                )
                answer = told.first().raise_for_status()
                names |= {row["ListID"]: row["FullName"] for row in answer.records}
                iterator = f'iterator="Continue" iteratorID="{answer.iterator_id}"' if answer.has_more else ""

    service = QBWCService(authenticator=StaticAuthenticator("oak", PASSWORD, [Customers()]))
    _run(create_app(service, endpoint_url=f"http://localhost:{port}/qbwc"), port)


def echo(body: str, port: int, batch: int) -> None:
    """The limit: the same bytes over the same server, without any work."""
    text = Path(body).read_text(encoding="utf-8") * batch
    document = (
        f'<?qbxml version="13.0"?><QBXML><QBXMLMsgsRq onError="continueOnError">{text}</QBXMLMsgsRq></QBXML>'
    )
    said = {
        b"authenticate": "<string>t</string><string></string>",
        b"sendRequestXML": escape(document, quote=False),
        b"receiveResponseXML": "50",
    }
    sent = {name: _result(name.decode(), value) for name, value in said.items()}

    async def app(scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] != "http":
            return
        more = True
        while more:
            more = (await receive()).get("more_body", False)
        action = dict(scope["headers"]).get(b"soapaction", b"").strip(b'"').rpartition(b"/")[2]
        answer = sent.get(action, _result(action.decode(), ""))
        await send(
            {
                "type": "http.response.start",
                "status": 200,
                "headers": [(b"content-type", b"text/xml"), (b"content-length", str(len(answer)).encode())],
            }
        )
        await send({"type": "http.response.body", "body": answer})

    _run(app, port)


def _result(method: str, value: str) -> bytes:
    return (
        '<?xml version="1.0"?><soap:Envelope xmlns:soap="http://schemas.xmlsoap.org/soap/envelope/"><soap:Body>'
        f'<{method}Response xmlns="http://developer.intuit.com/"><{method}Result>{value}</{method}Result>'
        f"</{method}Response></soap:Body></soap:Envelope>"
    ).encode()


def _run(app: Any, port: int) -> None:
    uvicorn.run(app, host="127.0.0.1", port=port, log_config=None, access_log=False)


if __name__ == "__main__":
    _, which, where, port, batch = sys.argv
    limits = {"bare": bare, "front": front, "elsewhere": elsewhere, "folded": folded}
    {"ours": ours, **limits, "kit": kit, "kit_list": kit_list, "echo": echo}[which](
        where, int(port), int(batch)
    )
