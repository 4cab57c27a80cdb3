"""The WSDL of the service, as Intuit's client and any SOAP toolkit read it.

Document/literal, eight calls, Intuit's names and namespace. `serverVersion` is declared without a parameter,
as the real client calls it; the service takes one all the same.
Source: reference/qbwc-protocol.md section 1.
"""

from __future__ import annotations

from xml.sax.saxutils import quoteattr

from qbconsole.webconnector.reply import NAMESPACE

#: Each call with its parameters in order and its result: (name, type), type as in XML Schema.
CALLS: dict[str, tuple[tuple[tuple[str, str], ...], str]] = {
    "serverVersion": ((), "string"),
    "clientVersion": ((("strVersion", "string"),), "string"),
    "authenticate": ((("strUserName", "string"), ("strPassword", "string")), "ArrayOfString"),
    "sendRequestXML": (
        (
            ("ticket", "string"),
            ("strHCPResponse", "string"),
            ("strCompanyFileName", "string"),
            ("qbXMLCountry", "string"),
            ("qbXMLMajorVers", "int"),
            ("qbXMLMinorVers", "int"),
        ),
        "string",
    ),
    "receiveResponseXML": (
        (("ticket", "string"), ("response", "string"), ("hresult", "string"), ("message", "string")),
        "int",
    ),
    "connectionError": ((("ticket", "string"), ("hresult", "string"), ("message", "string")), "string"),
    "getLastError": ((("ticket", "string"),), "string"),
    "closeConnection": ((("ticket", "string"),), "string"),
}


def wsdl(url: str) -> bytes:
    """Return the whole WSDL for a service reached at `url`."""
    return (
        '<?xml version="1.0" encoding="utf-8"?>'
        '<wsdl:definitions xmlns:wsdl="http://schemas.xmlsoap.org/wsdl/"'
        ' xmlns:soap="http://schemas.xmlsoap.org/wsdl/soap/" xmlns:s="http://www.w3.org/2001/XMLSchema"'
        f' xmlns:tns="{NAMESPACE}" targetNamespace="{NAMESPACE}">'
        f'<wsdl:types><s:schema elementFormDefault="qualified" targetNamespace="{NAMESPACE}">'
        + "".join(_elements(call) for call in CALLS)
        + '<s:complexType name="ArrayOfString"><s:sequence><s:element minOccurs="0" maxOccurs="unbounded"'
        ' name="string" nillable="true" type="s:string"/></s:sequence></s:complexType>'
        "</s:schema></wsdl:types>"
        + "".join(_messages(call) for call in CALLS)
        + '<wsdl:portType name="QBWebConnectorSvcSoap">'
        + "".join(_operation(call) for call in CALLS)
        + '</wsdl:portType><wsdl:binding name="QBWebConnectorSvcSoap" type="tns:QBWebConnectorSvcSoap">'
        '<soap:binding transport="http://schemas.xmlsoap.org/soap/http" style="document"/>'
        + "".join(_bound(call) for call in CALLS)
        + '</wsdl:binding><wsdl:service name="QBWebConnectorSvc">'
        '<wsdl:port name="QBWebConnectorSvcSoap" binding="tns:QBWebConnectorSvcSoap">'
        f"<soap:address location={quoteattr(url)}/></wsdl:port></wsdl:service></wsdl:definitions>"
    ).encode()


def _elements(call: str) -> str:
    parameters, value = CALLS[call]
    result = f"{call}Result", value
    return _element(call, parameters) + _element(f"{call}Response", (result,))


def _element(name: str, members: tuple[tuple[str, str], ...]) -> str:
    inner = "".join(
        f'<s:element minOccurs="{int(kind == "int")}" maxOccurs="1" name="{member}"'
        f' type="{"tns" if kind == "ArrayOfString" else "s"}:{kind}"/>'
        for member, kind in members
    )
    sequence = f"<s:sequence>{inner}</s:sequence>" if inner else ""
    return f'<s:element name="{name}"><s:complexType>{sequence}</s:complexType></s:element>'


def _messages(call: str) -> str:
    return (
        f'<wsdl:message name="{call}SoapIn"><wsdl:part name="parameters" element="tns:{call}"/></wsdl:message>'
        f'<wsdl:message name="{call}SoapOut">'
        f'<wsdl:part name="parameters" element="tns:{call}Response"/></wsdl:message>'
    )


def _operation(call: str) -> str:
    return (
        f'<wsdl:operation name="{call}"><wsdl:input message="tns:{call}SoapIn"/>'
        f'<wsdl:output message="tns:{call}SoapOut"/></wsdl:operation>'
    )


def _bound(call: str) -> str:
    return (
        f'<wsdl:operation name="{call}"><soap:operation soapAction="{NAMESPACE}{call}" style="document"/>'
        '<wsdl:input><soap:body use="literal"/></wsdl:input>'
        '<wsdl:output><soap:body use="literal"/></wsdl:output></wsdl:operation>'
    )
