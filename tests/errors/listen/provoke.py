"""Listening on every address without TLS."""

from qbconsole.webconnector.listen import allowed_address


def provoke(place):
    allowed_address("0.0.0.0")
