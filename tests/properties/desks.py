"""Desks for laws: the shipped mapping and a QuickBooks nobody has read yet, so that everything is decided purely."""

from __future__ import annotations

from functools import cache

from qbconsole.books.policy import Modes, Policy, Settings
from qbconsole.bundled import bundled
from qbconsole.company.snapshot import Company
from qbconsole.decide import Desk, DeskSpec, desk_of, renderer_of
from qbconsole.qbxml.render import Renderer
from qbconsole.rules.mapping.read import read

TEMPLATES = {
    path.relative_to(bundled("templates")).as_posix(): path.read_text(encoding="utf-8")
    for path in sorted(bundled("templates").rglob("*.j2"))
}
SHIPPED = bundled("mappings.toml").read_text(encoding="utf-8").replace('accounts = "ask"', 'accounts = "yes"')
SUMMARY = Modes(sales="summary", inventory="summary")


def desk(
    currency: str = "USD", *, mapping: str = SHIPPED, modes: Modes | None = None, policy: Policy | None = None
) -> Desk:
    """A fresh desk; nothing is taken and nothing rendered yet."""
    settings = Settings(
        merchant="oak-ember",
        home_currency=currency,
        policy=policy or Policy(),
        modes=modes or Modes(),
    )
    return desk_of(spec(settings, mapping), _renderer())


@cache
def _renderer() -> Renderer:
    """Compiling the templates costs more than all the rest."""
    return renderer_of(spec())


def spec(settings: Settings | None = None, mapping: str = SHIPPED) -> DeskSpec:
    """What a desk is made of; without settings, a merchant's that changed nothing."""
    return DeskSpec(
        settings=settings or Settings(merchant="oak-ember"),
        mapping=read(mapping),
        plugin_folders=(),
        templates=TEMPLATES,
        shipped_templates=TEMPLATES,
        company=Company(name="Oak"),
        taken={},
    )
