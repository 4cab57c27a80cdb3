"""A simulated QuickBooks Web Connector: drives the eight calls over HTTP as the real client does.

It shares no code with the service it calls. Source: reference/qbwc-protocol.md sections 1, 2, 3 and 5, and
captured envelopes.
"""

from qbconsole.sandbox.connector.client import Connector, SessionRunning
from qbconsole.sandbox.connector.transcript import Ending, Fault, FaultKind, Transcript
from qbconsole.sandbox.connector.update import Answer, OutOfRoundTrips, QuickBooks

__all__ = [
    "Answer",
    "Connector",
    "Ending",
    "Fault",
    "FaultKind",
    "OutOfRoundTrips",
    "QuickBooks",
    "SessionRunning",
    "Transcript",
]
