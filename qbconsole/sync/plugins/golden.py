"""Golden orders: orders beside a plugin, and the qbXML they came to when somebody last looked.

`plugins/oak_ember/golden/gift.json` is a file as `pull --from-file` takes it, `gift.qbxml` beside it the documents
and holds. They are decided apart, as booking decides them, with the golden folder's own mappings.toml, else with
the shipped one: a change of the merchant's mapping breaks no plugin.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from qbconsole.bundled import bundled
from qbconsole.company.snapshot import Company
from qbconsole.decide import Case, Decision, DeskSpec
from qbconsole.errors import InputUnreadable, PluginBroken
from qbconsole.host.supervisor import PluginHost
from qbconsole.rules.mapping.edit import set_value
from qbconsole.rules.mapping.read import read
from qbconsole.sources.files import read_file
from qbconsole.sources.shopify.reading import read_order, read_shop

MAPPING = "mappings.toml"
#: Of a changed line, in an error; `plugins test` shows all of it.
_SHOWN = 120
#: Of a request that no plugin decides: its number, and what QuickBooks is to answer with.
_NOISE = re.compile(r' requestID="[^"]*"|<IncludeRetElement>[^<]*</IncludeRetElement>')
#: Between two fields, where golden files have a line's end so that a difference is one line.
_BETWEEN = re.compile(r"(</\w+>)\n*(?=<)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Compared:
    """One golden file against what its orders come to now."""

    #: "plugins/oak_ember/golden/gift.qbxml"
    label: str
    path: Path
    text: str
    #: Expected against now, as `diff -u` has it; () where they are the same.
    diff: tuple[str, ...] = ()
    #: First line that differs; 0 where there is no expected file at all.
    line: int = 0

    @property
    def is_same(self) -> bool:
        """Nothing changed."""
        return not self.diff

    def write(self) -> None:
        """Make what it comes to now the expected text."""
        self.path.write_text(self.text, encoding="utf-8")


def golden_folder(name: str, folder: Path) -> Path:
    """Where a plugin's golden orders lie: `plugins/oak_ember/golden`."""
    return folder / name / "golden"


def golden_files(golden: Path) -> tuple[Path, ...]:
    """The files of orders in a golden folder, by name; none where there is no such folder."""
    return tuple(sorted(golden.glob("*.json"))) if golden.is_dir() else ()


def compared(name: str, folders: Sequence[str], golden: Path) -> Iterator[Compared]:
    """Each golden file compared. Raises PluginBroken, InputUnreadable and MappingInvalid."""
    for path in golden_files(golden):
        text = "".join(documents_text(one) for one in decisions(name, folders, golden, path))
        expected = path.with_suffix(".qbxml")
        yield _compared(expected, text, _label(expected))


def decisions(name: str, folders: Sequence[str], golden: Path, path: Path) -> list[Decision]:
    """What the orders of one file come to with the plugin, decided in a process of its own."""
    file = read_file(path)
    if file.shop is None or not file.rows.get("order"):
        raise InputUnreadable(
            "a golden file holds a shop and its orders",
            where=_label(path),
            next='Write {"shop": {…}, "orders": […]} as `pull --from-file` takes it.',
        )
    shop = read_shop(file.shop)
    cases = [Case(order=read_order(raw, shop)) for raw in file.rows["order"]]
    own = golden / MAPPING
    mapping = own if own.is_file() else bundled(MAPPING)
    spec = desk_spec(mapping.read_text(encoding="utf-8"), [name], folders, home_currency=shop.home_currency)
    with PluginHost(spec, plugins=[name]) as host:
        return list(host.decide_all(cases))


def desk_spec(
    text: str, plugins: Iterable[str], folders: Sequence[str], *, home_currency: str, merchant: str = ""
) -> DeskSpec:
    """A desk of its own for trying plugins: a company nothing is known of, the shipped templates, this mapping.

    The merchant is the one named, else the first that uses the first plugin, else the first; the plugins are
    enabled for it, those it has already staying.
    """
    mapping = read(text, MAPPING)
    wanted = tuple(plugins)
    users = [one.id for one in mapping.merchants.values() if set(wanted) & set(one.plugins)]
    chosen = merchant or next(iter((*users, *mapping.merchants)))
    names = tuple(dict.fromkeys((*mapping.merchants[chosen].plugins, *wanted)))
    if names != mapping.merchants[chosen].plugins:
        listed = ", ".join(f'"{name}"' for name in names)
        text = set_value(text, f"merchants.{chosen}.plugins", f"[{listed}]")
        mapping = read(text, MAPPING)
    templates = {path.name: path.read_text(encoding="utf-8") for path in bundled("templates").glob("*.j2")}
    return DeskSpec(
        settings=mapping.settings(chosen, home_currency=home_currency),
        mapping=mapping,
        plugin_folders=tuple(folders),
        templates=templates,
        shipped_templates=templates,
        company=Company(name="Sandbox"),
        taken={},
    )


def documents_text(decision: Decision) -> str:
    """A decision as golden files hold it: its documents' qbXML, and holds as comments."""
    told: list[str] = []
    for document in decision.documents:
        told += [f"<!-- {_comment(document.named.plan.key)} -->", fields_text(document.text)]
        told += [f"<!-- held: {_comment(hold.sentence)} -->" for hold in document.holds]
    told += [f"<!-- held: {_comment(hold.sentence)} -->" for hold in decision.holds]
    # An order's events may all wait for the same reason.
    return (
        "".join(f"{one}\n" for one in dict.fromkeys(told) if one)
        or f"<!-- nothing: {_comment(decision.source_id)} -->\n"
    )


def fields_text(text: str) -> str:
    """A request's qbXML a field a line, without what no plugin decides."""
    one = _BETWEEN.sub(r"\1\n", _NOISE.sub("", text)).strip()
    return one.replace("</FullName>\n</", "</FullName></")


def _comment(text: str) -> str:
    """Words inside an XML comment: two hyphens would end it."""
    return text.replace("--", "- -")


def _compared(path: Path, text: str, label: str) -> Compared:
    try:
        expected = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        return Compared(label=label, path=path, text=text, diff=("there is no expected text yet",))
    except (OSError, UnicodeDecodeError) as cause:
        raise InputUnreadable(f"the expected text cannot be read: {cause}", where=label) from cause
    if expected == text:
        return Compared(label=label, path=path, text=text)
    before, after = expected.splitlines(), text.splitlines()
    line = next(
        (at for at, (one, other) in enumerate(zip(before, after, strict=False), 1) if one != other), 0
    )
    diff = difflib.unified_diff(before, after, label, "as decided now", lineterm="", n=2)
    return Compared(
        label=label,
        path=path,
        text=text,
        diff=tuple(diff),
        line=line or min(len(before), len(after)) + 1,
    )


def refuse_changed(name: str, found: Iterable[Compared]) -> int:
    """How many golden files were the same. Raises PluginBroken for the first that is not."""
    count = 0
    for one in found:
        if not one.is_same:
            shown = next((line for line in one.diff[2:] if line[:1] in "+-"), one.diff[0])
            raise PluginBroken(
                f"plugin {name}: its golden orders come to something else: {shown[:_SHOWN]}",
                where=f"{one.label}:{max(one.line, 1)}",
                next=f"See it with `qbconsole plugins test {name}`; where it is meant so, add --write.",
            )
        count += 1
    return count


def _label(path: Path) -> str:
    parts = path.parts
    start = len(parts) - 1 - parts[::-1].index("plugins") if "plugins" in parts else len(parts) - 2
    return "/".join(parts[max(start, 0) :])
