"""What it takes to read a list answer, from the envelope's bytes to its rows, in a process that does nothing else.

`python reading.py ours|qbwc-kit FOLDER` reads the envelopes of a folder one after the other and prints one JSON line:
rows, seconds of CPU, and MB at most, of the whole process with the bytes of the envelope it reads, as
reference/performance.md W3 measured it.
"""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Callable, Sequence
from importlib import import_module
from pathlib import Path

from processes import memory_of


def main(which: str, folder: Path) -> None:
    """Read all, and say what it took."""
    read, spent, rows = _READERS[which](), 0.0, 0
    for path in sorted(folder.iterdir()):
        body = path.read_bytes()
        began = time.process_time()
        rows += len(read(body))
        spent += time.process_time() - began
    told = {"rows": rows, "cpu": spent, "peak": memory_of(os.getpid(), "VmHWM")}
    sys.stdout.write(json.dumps(told))


# Only what is measured is imported: the other side's modules are memory too.
def _own() -> Callable[[bytes], Sequence[object]]:
    reader_of = import_module("qbconsole.webconnector.soap").EnvelopeReader
    read_all = import_module("qbconsole.qbxml.response").read_all

    def read(body: bytes) -> Sequence[object]:
        reader = reader_of()
        reader.feed(body)
        rows: Sequence[object] = read_all(reader.finish().drain("response")).replies[0].rows
        return rows

    return read


def _kits() -> Callable[[bytes], Sequence[object]]:
    soap = import_module("qbwc_kit.soap")
    parse_response = import_module("qbwc_kit.qbxml.parser").parse_response

    def read(body: bytes) -> Sequence[object]:
        records: Sequence[object] = parse_response(soap.parse_request(body).get("response")).first().records
        return records

    return read


_READERS = {"ours": _own, "qbwc-kit": _kits}

if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]))
