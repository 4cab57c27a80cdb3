"""An answer cut off on its way from QuickBooks."""

from qbconsole.qbxml.response import read


def provoke(place):
    cut = '<?xml version="1.0"?><QBXML><QBXMLMsgsRs><CustomerAddRs requestID="1" statusCode="0"'
    list(read([cut]))
