"""A body with a document type, the door to entity bombs."""

from qbconsole.webconnector.soap import EnvelopeReader


def provoke(place):
    EnvelopeReader().feed(b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>')
