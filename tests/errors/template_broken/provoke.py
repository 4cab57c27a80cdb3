"""A merchant's template that asks for a field no document has."""

from typing import ClassVar

from qbconsole.qbxml.render import Renderer
from qbconsole.qbxml.schema import shipped_schema
from qbconsole.value import Value


class Account(Value):
    """A request with one field."""

    request: ClassVar[str] = "AccountAddRq"
    template: ClassVar[str] = "account_add.xml.j2"
    name: str = "Sales"


def provoke(place):
    template = "<AccountAddRq>\n<Name>{{ d.naem }}</Name>\n</AccountAddRq>"
    Renderer({"account_add.xml.j2": template}, shipped_schema()).render(Account(), request_id="1")
