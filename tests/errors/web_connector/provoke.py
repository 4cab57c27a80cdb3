"""A document for QuickBooks with a character that XML cannot carry; the log shows the fault as it came."""

from qbconsole.webconnector.calls import EightCalls
from qbconsole.webconnector.soap import SoapCall


class Conversation:
    def next(self, ticket, hello):
        return '<?xml version="1.0"?><QBXML>\x00</QBXML>'


class Log:
    def error(self, event, **told):
        raise


def provoke(place):
    calls = EightCalls(Conversation(), server="qbconsole", client_minimum="2.0", log=Log())
    calls.value(SoapCall(method="sendRequestXML", parameters={"ticket": ["t"]}), "127.0.0.1")
