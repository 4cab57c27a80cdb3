"""How a company file lies on disk: rows of JSON, each save closed by a mark, the last row of a key winning.

A first save writes a temporary file, syncs and renames it; later saves to the same place append only what
changed and sync. A save cut off in the middle has no mark and is not read. A copy of the file at any moment
is a backup of that moment.
"""

from __future__ import annotations

import json
import os
from base64 import b64decode, b64encode
from collections.abc import Callable, Iterable
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any, TypeVar

from qbconsole.sandbox.quickbooks.file.books import Books, Preferences, StoredSet
from qbconsole.sandbox.quickbooks.file.kinds import words
from qbconsole.sandbox.quickbooks.file.records import (
    Block,
    Definition,
    Deleted,
    Document,
    Entry,
    Fill,
    Line,
    Link,
    Posting,
    Reference,
    Stock,
    StockMove,
    TaxShare,
    Value,
)

Row = tuple[str, str, Any]
AnyBooks = TypeVar("AnyBooks", bound=Books)
_MARK = '["saved"]\n'
_COUNTERS = ("last_list_id", "last_txn_id", "last_number", "next_ref", "company_custom", "limits")
_FACTS = ("name", "edition", "country", "qbxml")


class NotACompanyFile(Exception):
    """The file cannot be read as a simulated company file."""


def write_whole(path: Path, books: Books) -> tuple[int, int]:
    """Write everything beside the place and put it there in one step; answers inode and size."""
    beside = path.with_name(path.name + ".saving")
    with beside.open("w", encoding="utf-8") as out:
        out.writelines(_lines(_all_rows(books)))
        out.write(_MARK)
        out.flush()
        os.fsync(out.fileno())
        state = os.fstat(out.fileno())
    beside.replace(path)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
    return state.st_ino, state.st_size


def append_changes(path: Path, books: Books, known: tuple[int, int]) -> tuple[int, int] | None:
    """Append what changed, if the file is still the one we know; None when it is not."""
    try:
        state = path.stat()
    except FileNotFoundError:
        return None
    if (state.st_ino, state.st_size) != known:
        return None
    with path.open("a", encoding="utf-8") as out:
        out.writelines(_lines(_changed_rows(books)))
        out.write(_MARK)
        out.flush()
        os.fsync(out.fileno())
        state = os.fstat(out.fileno())
    return state.st_ino, state.st_size


def read(path: Path, make: Callable[..., AnyBooks]) -> AnyBooks:
    """Read the last whole save. Raises NotACompanyFile."""
    text = path.read_bytes()
    end = text.rfind(_MARK.encode())
    if end < 0 or (end and text[end - 1 : end] != b"\n"):
        raise NotACompanyFile(f"{path} holds no whole save")
    rows: dict[tuple[str, str], Any] = {}
    for line in text[:end].splitlines():
        row = json.loads(line)
        if len(row) == 3:
            rows[row[0], row[1]] = row[2]
    meta = rows.pop(("meta", ""))
    books = make(**{name: meta[name] for name in _FACTS})
    _read_meta(books, meta)
    for sort, reader in _READERS.items():  # records before the documents that refer to them
        for (row_sort, key), content in rows.items():
            if row_sort == sort and content is not None:
                reader(books, key, content)
    return books


def _lines(rows: Iterable[Row]) -> Iterable[str]:
    encode = json.JSONEncoder(ensure_ascii=True, separators=(",", ":")).encode
    return (encode(row) + "\n" for row in rows)


def _all_rows(books: Books) -> Iterable[Row]:
    yield "meta", "", _meta(books)
    for sort, holder in _holders(books).items():
        for key in holder:
            yield sort, key, _WRITERS[sort](holder[key])


def _changed_rows(books: Books) -> Iterable[Row]:
    yield "meta", "", _meta(books)
    holders = _holders(books)
    for sort, key in books.changed:
        found = holders[sort].get(key)
        yield sort, key, None if found is None else _WRITERS[sort](found)


def _holders(books: Books) -> dict[str, dict[str, Any]]:
    return {
        "entry": books.entries,
        "document": books.filed,
        "definition": books.definitions,
        "deleted": books.deleted,
        "set": books.sets,
    }


def _meta(books: Books) -> dict[str, Any]:
    wishes = books.preferences
    meta: dict[str, Any] = {name: getattr(books, name) for name in _FACTS + _COUNTERS}
    meta["preferences"] = {name: getattr(wishes, name) for name in Preferences.__dataclass_fields__}
    closing = wishes.closing_date
    meta["preferences"]["closing_date"] = closing.isoformat() if closing else None
    for name in ("last_restore_time", "last_condense_time"):
        moment: datetime | None = getattr(books, name)
        meta[name] = moment.isoformat() if moment else None
    meta["locked"] = sorted(books.locked)
    return meta


def _read_meta(books: Books, meta: dict[str, Any]) -> None:
    for name in _COUNTERS:
        setattr(books, name, meta[name])
    wishes = meta["preferences"]
    if wishes["closing_date"]:
        wishes["closing_date"] = date.fromisoformat(wishes["closing_date"])
    books.preferences = Preferences(**wishes)
    books.locked = set(meta["locked"])
    for name in ("last_restore_time", "last_condense_time"):
        if meta[name]:
            setattr(books, name, datetime.fromisoformat(meta[name]))


# -- values --------------------------------------------------------------------------------------------


def _pack(value: Value) -> Any:
    if isinstance(value, Reference):
        return [value.family, value.list_id]
    if isinstance(value, Block):
        return {"parts": [[name, _pack(part)] for name, part in value.parts]}
    return value


def _unpack(value: Any) -> Value:
    if isinstance(value, list):
        return Reference(*value)
    if isinstance(value, dict):
        return Block(tuple((name, _unpack(part)) for name, part in value["parts"]))
    return str(value)


def _pack_all(fields: dict[str, Value]) -> dict[str, Any]:
    return {name: value if isinstance(value, str) else _pack(value) for name, value in fields.items()}


def _unpack_all(fields: dict[str, Any]) -> dict[str, Value]:
    return {name: value if isinstance(value, str) else _unpack(value) for name, value in fields.items()}


# -- list records --------------------------------------------------------------------------------------

_ENTRY = words("family list_id name full_name created modified edit_sequence parent active custom")


def _write_entry(entry: Entry) -> Any:
    stock = entry.stock
    held = None if stock is None else [str(stock.quantity), str(stock.value), str(stock.unit)]
    return [[getattr(entry, name) for name in _ENTRY], _pack_all(entry.fields), held]


def _read_entry(books: Books, _key: str, content: Any) -> None:
    plain, fields, held = content
    entry = Entry(**dict(zip(_ENTRY, plain, strict=True)), fields=_unpack_all(fields))
    if held is not None:
        quantity, value, unit = map(Decimal, held)
        entry.stock = Stock(quantity=quantity, value=value, unit=unit)
    books.index(entry)


# -- documents -----------------------------------------------------------------------------------------

_PLAIN = words(
    "kind txn_id number created modified edit_sequence ref_number memo entity account receivable tax_account"
    " voided pending external_guid custom"
)
_SUMS = ("total", "subtotal", "tax_total", "open")


def _write_document(document: Document) -> Any:
    return [
        [getattr(document, name) for name in _PLAIN],
        document.txn_date.isoformat(),
        [str(getattr(document, name)) for name in _SUMS],
        _pack_all(document.fields),
        [_write_line(line) for line in document.lines],
        [(account, str(amount), entity, own) for account, amount, entity, own in document.postings],
        [_write_link(link) for link in document.links],
        [(str(tax.rate), tax.agency, str(tax.amount)) for tax in document.taxes],
    ]


def _read_document(books: Books, _key: str, content: Any) -> None:
    plain, day, sums, fields, lines, postings, links, taxes = content
    amounts: dict[str, Any] = dict(zip(_SUMS, map(Decimal, sums), strict=True))
    document = Document(
        **dict(zip(_PLAIN, plain, strict=True)),
        txn_date=date.fromisoformat(day),
        **amounts,
        fields=_unpack_all(fields),
        lines=[_read_line(line) for line in lines],
        postings=[
            Posting(account, Decimal(amount), entity, own) for account, amount, entity, own in postings
        ],
        links=[
            Link(other, Decimal(amount), by, Decimal(less), where, only_tied)
            for other, amount, by, less, where, only_tied in links
        ],
        taxes=[TaxShare(Decimal(rate), agency, Decimal(amount)) for rate, agency, amount in taxes],
    )
    books.file_in(document)


def _write_link(link: Link) -> Any:
    other, amount, by, less, where, only_tied = link
    return other, str(amount), by, str(less), where, only_tied


def _write_line(line: Line) -> Any:
    move, fills = line.stock, line.fills
    moved = None if move is None else (move.item, str(move.units), str(move.cost), move.cogs, move.asset)
    return [
        (line.line_id, line.sort, str(line.amount), line.account, line.item, line.entity),
        (line.taxable, line.counts),
        _pack_all(line.fields),
        moved,
        str(line.filled),
        None if fills is None else (fills.txn_id, fills.line_id, str(fills.units)),
    ]


def _read_line(content: Any) -> Line:
    (line_id, sort, amount, account, item, entity), (taxable, counts), fields, moved, filled, fills = content
    move = None
    if moved is not None:
        move = StockMove(moved[0], Decimal(moved[1]), Decimal(moved[2]), moved[3], moved[4])
    return Line(
        line_id=line_id,
        sort=sort,
        amount=Decimal(amount),
        account=account,
        item=item,
        entity=entity,
        taxable=taxable,
        counts=counts,
        fields=_unpack_all(fields),
        stock=move,
        filled=Decimal(filled),
        fills=None if fills is None else Fill(fills[0], fills[1], Decimal(fills[2])),
    )


# -- the rest ------------------------------------------------------------------------------------------


def _write_definition(definition: Definition) -> Any:
    return [definition.owner, definition.name, definition.sort, list(definition.objects)]


def _read_definition(books: Books, key: str, content: Any) -> None:
    owner, name, sort, objects = content
    books.definitions[key] = Definition(owner=owner, name=name, sort=sort, objects=tuple(objects))


def _write_set(stored: StoredSet) -> Any:
    return [stored.checksum, b64encode(stored.answer).decode()]


def _read_set(books: Books, key: str, content: Any) -> None:
    books.sets[key] = StoredSet(content[0], b64decode(content[1]))


def _read_deleted(books: Books, key: str, content: Any) -> None:
    books.deleted[key] = Deleted(*content)


_WRITERS: dict[str, Callable[[Any], Any]] = {
    "entry": _write_entry,
    "document": _write_document,
    "definition": _write_definition,
    "deleted": list,
    "set": _write_set,
}
_READERS: dict[str, Callable[[Books, str, Any], None]] = {
    "entry": _read_entry,
    "document": _read_document,
    "definition": _read_definition,
    "deleted": _read_deleted,
    "set": _read_set,
}
