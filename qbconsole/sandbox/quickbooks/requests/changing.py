"""Taking back, and fields of one's own: TxnVoid, TxnDel, DataExtDefAdd, DataExtAdd, DataExtMod.

The company marker of an integrated application is a private field on the company (OwnerID a GUID);
see qbwc-protocol.md sections 9 and 16.
"""

from __future__ import annotations

import re

from qbconsole.sandbox.quickbooks.documents.headers import check_open
from qbconsole.sandbox.quickbooks.file.documentkinds import DOCUMENTS
from qbconsole.sandbox.quickbooks.file.kinds import LISTS
from qbconsole.sandbox.quickbooks.file.records import Definition, Document, Entry, Refused
from qbconsole.sandbox.quickbooks.requests.answers import custom_row, escaped
from qbconsole.sandbox.quickbooks.requests.desk import Desk, Handler, Reply, inner, missing
from qbconsole.sandbox.quickbooks.requests.given import Given

_OWNER = re.compile(r"0|\{[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}\}")
_NUMBER = re.compile(r"[+-]?[0-9]{1,13}(\.[0-9]{1,5})?")
_LONGEST = {"STR255TYPE": 255, "STR1024TYPE": 1024}


# -- void and delete -----------------------------------------------------------------------------------


def _void(desk: Desk, request: Given) -> Reply:
    document = _document(desk, request, "TxnVoidType")
    if not DOCUMENTS[document.kind].can_void:
        raise Refused(3210, f"A {document.kind} cannot be voided.")
    desk.file.void_document(document.txn_id, desk.now)
    return Reply(
        body=f"<TxnVoidType>{document.kind}</TxnVoidType>\n<TxnID>{document.txn_id}</TxnID>\n"
        f"<TimeCreated>{document.created}</TimeCreated>\n<TimeModified>{document.modified}</TimeModified>\n"
        f"<RefNumber>{escaped(document.ref_number)}</RefNumber>\n"
    )


def _delete(desk: Desk, request: Given) -> Reply:
    document = _document(desk, request, "TxnDelType")
    desk.file.delete_document(document.txn_id, desk.now)
    return Reply(
        body=f"<TxnDelType>{document.kind}</TxnDelType>\n<TxnID>{document.txn_id}</TxnID>\n"
        f"<TimeDeleted>{desk.stamp}</TimeDeleted>\n"
        f"<RefNumber>{escaped(document.ref_number)}</RefNumber>\n"
    )


def _document(desk: Desk, request: Given, name: str) -> Document:
    txn_id = desk.txn_id(request)
    found = desk.file.filed.get(txn_id)
    if found is None or found.kind != request.text(name):
        raise _not_found(txn_id)
    check_open(desk, found.txn_date)
    if txn_id in desk.file.locked:
        raise Refused(
            3175,
            f"There was an error adding, modifying or deleting the {found.kind} {txn_id} because it is already "
            "in use.  QuickBooks error message: The transaction could not be locked. It is in use by another user.",
        )
    return found


def _not_found(what: str) -> Refused:
    return Refused(
        3120,
        f'Object "{what}" specified in the request cannot be found.  QuickBooks error message: '
        "Invalid argument.  The specified record does not exist in the list.",
    )


# -- custom fields -------------------------------------------------------------------------------------


def _define(desk: Desk, request: Given) -> Reply:
    given = inner(request)
    definition = Definition(
        owner=_owner(given),
        name=given.text("DataExtName"),
        sort=given.text("DataExtType"),
        objects=tuple(given.texts("AssignToObject")),
    )
    if not definition.name or not definition.sort:
        raise missing("DataExtName" if not definition.name else "DataExtType", "DataExtDef")
    key = _key(definition.owner, definition.name)
    if key in desk.file.definitions:
        raise Refused(3100, f'The data extension "{definition.name}" is already defined for this owner.')
    desk.file.definitions[key] = definition
    desk.file.changed["definition", key] = None
    objects = "".join(f"<AssignToObject>{one}</AssignToObject>\n" for one in definition.objects)
    return Reply(
        body=f"<DataExtDefRet>\n<OwnerID>{definition.owner}</OwnerID>\n"
        f"<DataExtID>{len(desk.file.definitions)}</DataExtID>\n"
        f"<DataExtName>{escaped(definition.name)}</DataExtName>\n<DataExtType>{definition.sort}</DataExtType>\n"
        f"{objects}<DataExtListRequire>false</DataExtListRequire>\n"
        "<DataExtTxnRequire>false</DataExtTxnRequire>\n"
        "<DataExtFormatString></DataExtFormatString>\n</DataExtDefRet>\n"
    )


def _set(desk: Desk, request: Given, *, fresh: bool) -> Reply:
    given = inner(request)
    key = _key(_owner(given), given.text("DataExtName"))
    definition = desk.file.definitions.get(key)
    if definition is None:
        raise _not_found(given.text("DataExtName"))
    target, sort = _target(desk, given)
    if sort not in definition.objects:
        raise Refused(3351, f'The data extension "{definition.name}" is not assigned to the object {sort}.')
    held = desk.file.company_custom if target is None else target.custom
    public = definition.owner == "0"
    if fresh and key in held:
        raise Refused(3180, f'The data extension "{definition.name}" of this object has a value already.')
    if not fresh and not public and key not in held:
        raise _not_found(definition.name)
    value = given.text("DataExtValue")
    _check_value(definition, value)
    held[key] = value
    if isinstance(target, Document):
        desk.file.touch(target, desk.now)
    elif target is not None:
        desk.file.touch_entry(target, desk.now)
    return Reply(body=custom_row(definition, value))


def _target(desk: Desk, given: Given) -> tuple[Entry | Document | None, str]:
    """What the value hangs on (None is the company itself), and its name in AssignToObject."""
    if other := given.text("OtherDataExtType"):
        return None, other
    if kind := given.text("TxnDataExtType"):
        document = desk.file.filed.get(desk.txn_id(given))
        if document is None or document.kind != kind:
            raise _not_found(given.text("TxnID"))
        return document, kind
    group = given.text("ListDataExtType")
    if group not in LISTS and group != "Item":
        raise missing("OtherDataExtType", given.tag)
    return desk.required(given, "ListObjRef", given.tag, group), group


def _check_value(definition: Definition, value: str) -> None:
    longest = _LONGEST.get(definition.sort)
    if longest is not None and len(value) > longest:
        raise Refused(3070, f'The string in the field "{definition.name}" is too long: at most {longest}.')
    if longest is None and definition.sort != "DATETIMETYPE" and not _NUMBER.fullmatch(value):
        raise Refused(3045, f'The value "{value}" of "{definition.name}" is not a {definition.sort}.')


def _owner(given: Given) -> str:
    owner = given.text("OwnerID")
    if not _OWNER.fullmatch(owner):
        raise Refused(3000, f'The given object ID "{owner}" in the field "OwnerID" is invalid.')
    return owner


def _key(owner: str, name: str) -> str:
    return f"{owner.lower()} {name.casefold()}"


HANDLERS: dict[str, Handler] = {
    "TxnVoidRq": _void,
    "TxnDelRq": _delete,
    "DataExtDefAddRq": _define,
    "DataExtAddRq": lambda desk, request: _set(desk, request, fresh=True),
    "DataExtModRq": lambda desk, request: _set(desk, request, fresh=False),
}
