"""mappings.toml: text in, frozen values out, or every fault at its line.

tomllib says what the text means, `schema` whether that may be said, `places` where it stands. Reads no file
itself: callers hand over the text and the name that provenance shall show.
"""

from __future__ import annotations

import hashlib
import json
import re
import tomllib
from collections.abc import Iterator
from functools import lru_cache
from typing import Any

from pydantic import ValidationError

from qbconsole.errors import MappingInvalid
from qbconsole.rules.mapping.build import mapping_of
from qbconsole.rules.mapping.complaint import sentence_of
from qbconsole.rules.mapping.faults import Fault, MappingFaults, Path, dotted
from qbconsole.rules.mapping.places import Places, places
from qbconsole.rules.mapping.schema import MappingFile
from qbconsole.rules.mapping.values import Mapping
from qbconsole.rules.nearest import nearest

FILE = "mappings.toml"
_AT_LINE = re.compile(r" ?\(at (?:line (\d+), column (\d+)|end of document)\)")

#: How a sentence of tomllib begins -> what to do.
_STEPS = (
    ("Cannot overwrite a value", "the key stands here a second time: keep one"),
    ("Cannot declare", "the table stands here a second time: put its lines into the first"),
    ("Cannot mutate immutable namespace", "the table stands in braces already: write all of it there"),
    ("Unescaped '\\'", "write a path in single quotes: 'C:\\QB\\Oak.qbw'"),
    ("Illegal character '\\n'", "the text has no closing quote"),
    ("Invalid value", "a text stands in straight quotes; besides there are numbers, dates, true and false"),
    ("Found invalid character '\\r'", "save the file with line breaks of Windows or Unix"),
)


def read(text: str, file: str = FILE) -> Mapping:
    """The mapping a text says. Raises MappingFaults (a MappingInvalid) with all faults of it.

    A service asks for it at every call, so the last texts are kept, those with faults too; the value is frozen.
    """
    found = _read(text, file)
    if isinstance(found, Mapping):
        return found
    raise MappingFaults(found)


@lru_cache(maxsize=32)
def _read(text: str, file: str) -> Mapping | tuple[Fault, ...]:
    try:
        data = parse(text, file)
    except MappingFaults as broken:
        return broken.faults
    spots = places(without_mark(text))
    faults, parsed = _checked(data, spots, file)
    if faults or parsed is None:
        return tuple(faults)
    return mapping_of(parsed, spots, file, hashlib.sha256(text.encode()).hexdigest())


def faults_of(text: str, file: str = FILE) -> tuple[Fault, ...]:
    """Every fault of a text, none when it is valid."""
    try:
        data = parse(text, file)
    except MappingFaults as broken:
        return broken.faults
    return tuple(sorted(_checked(data, places(without_mark(text)), file)[0]))


def text_of(raw: bytes, file: str = FILE) -> str:
    """The bytes as text, line breaks and byte-order mark as they stand. Raises MappingInvalid with the line."""
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError as cause:
        line = raw.count(b"\n", 0, cause.start) + 1
        raise MappingInvalid(f"{file} is no UTF-8 text; save it as UTF-8", where=f"{file}:{line}") from cause


def without_mark(text: str) -> str:
    """The text without the byte-order mark that Windows editors put in front."""
    return text.removeprefix("\ufeff")


def parse(text: str, file: str = FILE) -> dict[str, Any]:
    """The plain data of a TOML text. Raises MappingFaults with the line of what is no TOML."""
    try:
        text.encode()  # half a surrogate pair is no text
        return tomllib.loads(without_mark(text))
    except RecursionError as cause:
        raise MappingFaults([Fault(1, "", "is nested too deeply", file)]) from cause
    except ValueError as cause:
        found = _AT_LINE.search(str(cause))
        line = int(found[1]) if found and found[1] else max(1, len(text.splitlines()) if found else 1)
        what = _plainly(_AT_LINE.sub("", str(cause)))
        column = f", column {found[2]}" if found and found[2] else ""
        raise MappingFaults([Fault(line, "", f"is not valid TOML{column}: {what}", file)]) from cause


def _plainly(what: str) -> str:
    """Tomllib's sentence, with what to do about it where people often get it wrong."""
    step = next((step for begin, step in _STEPS if what.startswith(begin)), "")
    return f"{what}; {step}" if step else what


@lru_cache(maxsize=64)
def said_for(text: str, merchant: str) -> str:
    """What a valid text says for one merchant and for all, whatever its comments and the order of its keys."""
    data = parse(text)
    mine = data.get("merchants", {}).get(merchant, {})
    return json.dumps([data.get("defaults", {}), mine], sort_keys=True, default=str)


def _checked(data: dict[str, Any], spots: Places, file: str) -> tuple[list[Fault], MappingFile | None]:
    parsed: MappingFile | None = None
    found: list[tuple[Path, str]] = [*_contradictions(data)]
    try:
        parsed = MappingFile.model_validate(data)
    except ValidationError as invalid:
        found += [sentence_of(error) for error in invalid.errors()]
    return [Fault(spots.line(path), dotted(path), sentence, file) for path, sentence in found], parsed


def _tables(data: dict[str, Any], key: str) -> dict[str, Any]:
    """The named tables below a key, leaving out what is no table (the schema complains about that)."""
    held = data.get(key)
    return (
        {name: one for name, one in held.items() if isinstance(one, dict)} if isinstance(held, dict) else {}
    )


def _contradictions(data: dict[str, Any]) -> Iterator[tuple[Path, str]]:
    """What no single table can know: merchants and companies that do not fit together."""
    companies, merchants = _tables(data, "companies"), _tables(data, "merchants")
    shops: dict[str, list[str]] = {}
    for name, merchant in merchants.items():
        company = merchant.get("company")
        if company is None and len(companies) != 1:
            yield ("merchants", name), "names no `company`, and there is not exactly one to take"
        elif isinstance(company, str) and company not in companies:
            sentence = f"there is no [companies.{company}]{nearest(company, companies)}"
            yield ("merchants", name, "company"), sentence
        if isinstance(merchant.get("shop"), str):
            shops.setdefault(merchant["shop"].lower(), []).append(name)
    for shop, names in shops.items():
        bare = [name for name in names if not merchants[name].get("filters")]
        if len(names) > 1 and bare:
            others = ", ".join(name for name in names if name != bare[0])
            sentence = f"{shop} is also {others}'s; without filters its orders would be booked twice"
            yield ("merchants", bare[0], "shop"), sentence
