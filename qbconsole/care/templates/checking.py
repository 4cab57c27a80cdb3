"""`templates check`: every template tried on examples and on documents that were really booked.

It is rendered, checked against requests.xsd and read again, as booking does; nothing is written. A template that ships
is tried too, so that a workspace says whether all it would send can be sent.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import partial

from qbconsole.care.templates.found import TemplateFound, templates_found
from qbconsole.care.templates.stored import Stored, stored_documents
from qbconsole.errors import TemplateBroken, UsageError
from qbconsole.qbxml.render import Fragment, Renderer
from qbconsole.qbxml.schema import shipped_schema
from qbconsole.qbxml.templating.examples import all_requests, example_facts, examples
from qbconsole.rules.nearest import nearest
from qbconsole.sync.means import Means

#: Faults told of one template; what follows is mostly the same once more.
MOST = 20
#: What an Add is asked to bring back, in examples.
_RETURNED = ("TxnID", "EditSequence")
_SUFFIX = ".xml.j2"
_NUMBERED = {0: "smallest", 1: "fullest"}


@dataclass(frozen=True, slots=True, kw_only=True)
class TemplateFault:
    """One thing wrong with a template."""

    #: "templates/oak-ember/invoice_add.xml.j2:12".
    where: str
    sentence: str
    #: What was rendered: "the smallest InvoiceAdd", "Invoice 1001 of 2026-03-02".
    on: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TemplateChecked:
    """What came of one template."""

    template: TemplateFound
    #: Examples and stored documents it was tried on.
    examples: int
    stored: int
    faults: tuple[TemplateFault, ...]
    #: What of the words it writes QuickBooks would not keep, a clause each.
    losses: tuple[str, ...] = ()


def check_templates(
    means: Means,
    *,
    names: Sequence[str] = (),
    merchant: str | None = None,
    since: date | None = None,
    progress: Callable[[int, int], None] = lambda _done, _total: None,
) -> tuple[TemplateChecked, ...]:
    """Try the templates named, or all, of one merchant or everybody. Raises UsageError for names there are not."""
    if merchant is not None:
        means.merchant(merchant)
    found = templates_found(means.templates, means.shipped_templates, means.mapping.merchants)
    chosen = [one for one in _named(found, names) if _concerns(one, merchant, means.templates)]
    # No template counts as proven here: every one is read again.
    renderer = Renderer(means.templates, shipped_schema())
    done = []
    for number, one in enumerate(chosen):
        progress(number, len(chosen))
        users = [name for name in _users(one, means) if merchant in (None, name)]
        done.append(_Trial(one, renderer).run(stored_documents(means, users, one.request, since)))
    progress(len(chosen), len(chosen))
    return tuple(done)


def check_examples(
    templates: Mapping[str, str], shipped: Mapping[str, str], merchants: Collection[str] | None = None
) -> tuple[TemplateChecked, ...]:
    """Try the merchants' own templates on the smallest and the fullest examples: seconds, and without a database."""
    found = templates_found(templates, shipped, merchants)
    renderer = Renderer(templates, shipped_schema())
    return tuple(_Trial(one, renderer).run(iter(())) for one in found if one.origin == "yours" or one.trouble)


def _named(found: Iterable[TemplateFound], names: Sequence[str]) -> list[TemplateFound]:
    """Those with these names: "invoice_add", "invoice_add.xml.j2" (all that stand for it), or a whole path."""
    every = list(found)
    if not names:
        return every
    chosen: list[TemplateFound] = []
    for name in names:
        wanted = name.removeprefix("templates/")
        wanted = wanted if wanted.endswith(_SUFFIX) else wanted + _SUFFIX
        some = [one for one in every if wanted in (one.name, one.name.rpartition("/")[2])]
        if not some:
            known = [one.name for one in every]
            raise UsageError(
                f"there is no template {wanted}{nearest(wanted, known)}",
                next="`qbconsole templates list` lists them.",
            )
        chosen += [one for one in some if one not in chosen]
    return chosen


def _concerns(one: TemplateFound, merchant: str | None, templates: Mapping[str, str]) -> bool:
    """Whether a merchant's documents are written with it: its own, or everybody's where it has none."""
    if merchant is None or one.merchant:
        return merchant in (None, one.merchant)
    return f"{merchant}/{one.name}" not in templates


def _users(one: TemplateFound, means: Means) -> list[str]:
    """The merchants whose documents are written with it."""
    return [name for name in means.mapping.merchants if _concerns(one, name, means.templates)]


class _Trial:
    """One template being tried."""

    def __init__(self, found: TemplateFound, renderer: Renderer) -> None:
        self._found, self._renderer = found, renderer
        self._faults: dict[tuple[str, str], TemplateFault] = {}
        self._losses: dict[str, None] = {}
        self._counts = [0, 0]

    def run(self, stored: Iterator[Stored]) -> TemplateChecked:
        """Try the examples, then what was booked; a template that does not even compile is not tried."""
        if self._found.trouble:
            where, _, sentence = self._found.trouble.partition(": ")
            self._note(where, sentence, "the template itself")
        else:
            self._examples()
            for one in stored:
                if len(self._faults) >= MOST:
                    break
                self._counts[1] += 1
                self._tried(one.words, partial(one.render, self._renderer))
        return TemplateChecked(
            template=self._found,
            examples=self._counts[0],
            stored=self._counts[1],
            faults=tuple(self._faults.values()),
            losses=tuple(self._losses),
        )

    def _examples(self) -> None:
        found = self._found
        asked = _RETURNED if found.request.endswith("Add") else ()
        for kind in all_requests():
            if kind.request != found.request:
                continue
            for number, document in enumerate(examples(kind)):
                self._counts[0] += 1
                render = partial(
                    self._renderer.render,
                    document,
                    request_id="1",
                    merchant=found.merchant or None,
                    include_ret_elements=asked,
                    facts=partial(example_facts, document) if number else None,
                )
                self._tried(f"the {_NUMBERED.get(number, 'next')} {found.request}", render)

    def _tried(self, on: str, render: Callable[[], Fragment]) -> None:
        try:
            fragment = render()
        except TemplateBroken as broken:
            self._note(broken.where, broken.what, on)
            return
        for fault in fragment.faults:
            self._note(fault.where, fault.sentence, on)
        for loss in fragment.losses[:1] if len(self._losses) < MOST else ():
            self._losses.setdefault(f"{loss.path}: {loss.what} ({on})")

    def _note(self, where: str, sentence: str, on: str) -> None:
        if len(self._faults) < MOST:
            self._faults.setdefault((where, sentence), TemplateFault(where=where, sentence=sentence, on=on))
