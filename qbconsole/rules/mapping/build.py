"""From the validated file to frozen values: tables with their lines, merchant over defaults over built-in."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from qbconsole.books.policy import Creation, Modes, Numbers, Policy
from qbconsole.rules.mapping.faults import Path
from qbconsole.rules.mapping.places import Places
from qbconsole.rules.mapping.schema import OUTCOMES, CompanyTable, LevelTables, MappingFile, MerchantTable
from qbconsole.rules.mapping.values import (
    Bounds,
    CompanyEntry,
    Filter,
    Given,
    Mapping,
    Merchant,
    Registration,
    Rule,
    Said,
    Schedule,
    Span,
    Tables,
    folded,
    folded_taxes,
)

_Settings = TypeVar("_Settings", Policy, Modes, Creation, Numbers)
#: Tables of texts: where they stand -> the name the ladder knows them by. Keys people type are folded: those of tables
#: within tables, and of _TYPED.
_TEXT_TABLES: tuple[tuple[Path, str], ...] = (
    (("accounts",), "accounts"),
    (("clearing",), "clearing"),
    (("items",), "items"),
    (("items", "sku"), "items.sku"),
    (("items", "variant"), "items.variant"),
    (("items", "barcode"), "items.barcode"),
    (("items", "product_type"), "items.product_type"),
    (("payment_methods",), "payment_methods"),
    (("customers",), "customers"),
    (("customers", "buyers"), "customers.buyers"),
    (("customers", "companies"), "customers.companies"),
    (("vendors",), "vendors"),
    (("vendors", "names"), "vendors.names"),
    (("classes",), "classes"),
    (("classes", "locations"), "classes.locations"),
    (("classes", "channels"), "classes.channels"),
    (("channels",), "channels"),
    (("documents",), "documents"),
    (("documents", "locations"), "documents.locations"),
    (("documents", "channels"), "documents.channels"),
    (("terms", "names"), "terms.names"),
    (("terms", "buyers"), "terms.buyers"),
    (("terms", "companies"), "terms.companies"),
    (("sales_reps",), "sales_reps"),
    (("sales_reps", "staff"), "sales_reps.staff"),
    (("sales_reps", "locations"), "sales_reps.locations"),
    (("sales_reps", "channels"), "sales_reps.channels"),
    (("sites",), "sites"),
    (("ship_methods",), "ship_methods"),
    (("templates",), "templates"),
    (("messages",), "messages"),
    (("memos",), "memos"),
)
_TYPED = frozenset({"channels", "sites", "ship_methods"})


def mapping_of(parsed: MappingFile, spots: Places, file: str, sha256: str) -> Mapping:
    """The whole mapping as plain values."""
    defaults = _plain(parsed.defaults)
    return Mapping(
        file=file,
        sha256=sha256,
        companies={name: _company(name, one) for name, one in parsed.companies.items()},
        merchants={
            name: _merchant(name, one, defaults, next(iter(parsed.companies), ""), spots)
            for name, one in parsed.merchants.items()
        },
        defaults=_level(defaults, ("defaults",), spots),
    )


def _plain(table: LevelTables) -> dict[str, Any]:
    return table.model_dump(by_alias=True, exclude_none=True)


def _company(name: str, table: CompanyTable) -> CompanyEntry:
    return CompanyEntry(id=name, **table.model_dump(exclude_none=True))


def _merged(
    kind: type[_Settings], name: str, merchant: dict[str, Any], defaults: dict[str, Any]
) -> _Settings:
    return kind(**(defaults.get(name, {}) | merchant.get(name, {})))


def _merchant(
    name: str, table: MerchantTable, defaults: dict[str, Any], only_company: str, spots: Places
) -> Merchant:
    data, path = _plain(table), ("merchants", name)
    return Merchant(
        id=name,
        company=table.company or only_company,
        shop=table.shop,
        webhooks=table.webhooks or "",
        tables=_level(data, path, spots),
        plugins=table.plugins,
        start=table.start,
        policy=_merged(Policy, "policy", data, defaults),
        modes=_merged(Modes, "modes", data, defaults),
        create=_merged(Creation, "create", data, defaults),
        numbers=_merged(Numbers, "numbers", data, defaults),
        schedule=Schedule(**data.get("schedule", {})),
        filters=tuple(
            _filter(on, one, (*path, "filters"), spots) for on, one in data.get("filters", {}).items()
        ),
        options=_options(data, path, defaults, spots),
        plugins_line=spots.line((*path, "plugins")),
    )


def _options(
    data: dict[str, Any], path: Path, defaults: dict[str, Any], spots: Places
) -> dict[str, dict[str, Given]]:
    """What is said to plugins, option by option: the merchant's own before that of [defaults]."""
    found: dict[str, dict[str, Given]] = {}
    levels: tuple[tuple[Path, dict[str, Any]], ...] = ((("defaults",), defaults), (path, data))
    for level, tables in levels:
        for plugin, options in tables.get("plugin", {}).items():
            for name, value in options.items():
                where = (*level, "plugin", plugin, name)
                inner = value if isinstance(value, dict) else {}
                lines = {key: spots.line((*where, key)) for key in inner}
                found.setdefault(plugin, {})[name] = Given(value=value, line=spots.line(where), lines=lines)
    return found


def _taxes(data: dict[str, Any], path: Path, spots: Places) -> dict[str, dict[str, Said]]:
    """The tax table, one ladder table a column: "taxes" (item), "taxes.group", "taxes.charge", "taxes.agency"."""
    columns: dict[str, dict[str, Said]] = {}
    for title, entry in data.get("taxes", {}).items():
        line = spots.line((*path, "taxes", title))
        for column, value in entry.items():
            name = "taxes" if column == "item" else f"taxes.{column}"
            key = folded_taxes(title) if column == "group" else folded(title)
            columns.setdefault(name, {})[key] = Said(value=value, line=line)
    return columns


def _level(data: dict[str, Any], path: Path, spots: Places) -> Tables:
    entries = _taxes(data, path, spots)
    for where, name in _TEXT_TABLES:
        table: Any = data
        for part in where:
            table = table.get(part, {})
        key_of: Callable[[str], str] = folded if "." in name or name in _TYPED else str
        found = {
            key_of(key): Said(value=value, line=spots.line((*path, *where, key)))
            for key, value in table.items()
            if isinstance(value, str)
        }
        if found:
            entries[name] = found
    return Tables(
        level=".".join(str(part) for part in path),
        entries=entries,
        match=data.get("items", {}).get("match"),
        registered=_registered(data, path, spots),
        rules=tuple(
            _rule(one, spots.line((*path, "rules", position)))
            for position, one in enumerate(data.get("rules", ()))
        ),
    )


def _registered(data: dict[str, Any], path: Path, spots: Places) -> dict[str, Registration] | None:
    """Provinces by code or name; None where the level has no such table."""
    table = data.get("registered")
    if table is None:
        return None
    return {
        folded(province): Registration(
            line=spots.line((*path, "registered", province)),
            registered=said["registered"],
            span=_span(said),
        )
        for province, said in table.items()
    }


def _bounds(data: dict[str, Any] | None) -> Bounds | None:
    return Bounds(**data) if data else None


def _span(data: dict[str, Any]) -> Span | None:
    first, until = data.get("from"), data.get("until")
    return Span(first=first, until=until) if first or until else None


def _rule(data: dict[str, Any], line: int) -> Rule:
    when = dict(data.get("when", {}))
    amount = _bounds(when.pop("amount", None))
    return Rule(
        line=line,
        when=when,
        outcomes={name: data[name] for name in OUTCOMES if name in data},
        amount=amount,
        span=_span(data),
    )


def _filter(on: str, data: dict[str, Any], path: Path, spots: Places) -> Filter:
    line = spots.line((*path, on))
    if on == "value":
        return Filter(on=on, line=line, amount=_bounds(data))
    if on == "date":
        return Filter(on=on, line=line, span=_span(data))
    return Filter(on=on, line=line, only=data.get("only", ()), but_not=data.get("except", ()))
