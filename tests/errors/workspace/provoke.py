"""An installation that lost one of the things it ships."""

from qbconsole.bundled import bundled


def provoke(place):
    bundled("templates-that-are-not-there")
