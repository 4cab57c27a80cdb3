"""The words mappings.toml is made of: names QuickBooks takes, amounts, ids, lists written short.

Pydantic types only; every refusal is a sentence that stands on its own, because a person reads it beside a
line number. Lengths: qbwc-protocol.md section 12.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from decimal import Decimal, InvalidOperation
from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator
from pydantic_core import PydanticCustomError

from qbconsole.books.roles import CLEARING, ROLES, gateway_handle
from qbconsole.company.lists import SkuField
from qbconsole.rules.mapping.values import split_account
from qbconsole.rules.nearest import nearest

_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
_ID = re.compile(r"[a-z0-9][a-z0-9_-]{0,62}")
_PLUGIN = re.compile(r"[A-Za-z][A-Za-z0-9_-]{0,62}")
_HOST = re.compile(r"(?=.{1,253}\Z)[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)+")
_CLOCK = re.compile(r"([01][0-9]|2[0-3]):[0-5][0-9]")
_PLACEHOLDER = re.compile(r"\{[^}]*\}?|\}")
LEVELS = 5


def refuse(sentence: str) -> PydanticCustomError:
    """An error whose message is exactly this sentence."""
    return PydanticCustomError("refused", "{sentence}", {"sentence": sentence})


def _text(value: str) -> str:
    if not value.strip():
        raise refuse("is empty; leave the key out instead")
    if _CONTROL.search(value):
        raise refuse("holds a control character or line break")
    return value.strip()


def _full_name(limit: int, levels: int = LEVELS) -> Callable[[str], str]:
    """A check for `Parent:Child` names, each part within its limit."""

    def check(value: str) -> str:
        parts = [part.strip() for part in _text(value).split(":")]
        if len(parts) > levels:
            raise refuse("may not hold a colon" if levels == 1 else f"has more than {levels} levels")
        for part in parts:
            if not part:
                raise refuse("has an empty part beside a colon")
            if len(part) > limit:
                raise refuse(f'"{part}" is {len(part)} characters long; QuickBooks takes {limit}')
        return ":".join(parts)

    return check


def _account(value: str) -> str:
    value = _text(value)
    _, name = split_account(value)
    if name:
        _full_name(31)(name)
    return value


def _matching(pattern: re.Pattern[str], sentence: str) -> Callable[[str], str]:
    def check(value: str) -> str:
        if not pattern.fullmatch(value):
            raise refuse(sentence)
        return value

    return check


def _host(value: str) -> str:
    return _matching(_HOST, 'is no shop domain; write it like "oak-ember.myshopify.com"')(value.lower())


def _gateway(value: str) -> str:
    if (handle := gateway_handle(value)) != value:
        raise refuse(f'a gateway is written as its handle: "{handle}"')
    return value


def _role_pattern(value: str) -> str:
    """A role, a clearing role, or a start with a star: "clearing:*"."""
    if value in ROLES or "*" in value or value.startswith(CLEARING):
        return value
    raise refuse(f'there is no role "{value}"{nearest(value, ROLES)}')


def _role(value: str) -> str:
    if value not in ROLES:
        raise refuse(f'there is no role "{value}"{nearest(value, ROLES)}')
    return value


def _house(value: str) -> str:
    for found in _PLACEHOLDER.findall(value):
        if found != "{channel}":
            raise refuse(f"knows only the placeholder {{channel}}, not {found}")
    return _full_name(41)(value)


def _amount(value: object) -> object:
    if isinstance(value, bool | float) or not isinstance(value, str | int | Decimal):
        raise refuse('write an amount as text, "12.50", so that no cent is lost')
    try:
        amount = Decimal(value)
    except InvalidOperation:
        raise refuse(f'"{value}" is no amount; write it like "12.50"') from None
    if not amount.is_finite():
        raise refuse(f'"{value}" is no amount; write it like "12.50"')
    return amount


def _listed(value: object) -> object:
    """One text may stand for a list of one."""
    if isinstance(value, str):
        return (value,)
    return tuple(value) if isinstance(value, list) else value


def short_for(key: str) -> BeforeValidator:
    """A text or list may stand for a table with only this key."""

    def widen(value: Any) -> Any:
        return {key: value} if isinstance(value, str | list) else value

    return BeforeValidator(widen, json_schema_input_type=Any)


Text = Annotated[str, AfterValidator(_text)]
_LIST = BeforeValidator(_listed, json_schema_input_type=str | list[str])
Texts = Annotated[tuple[Text, ...], _LIST]
SkuFields = Annotated[tuple[SkuField, ...], _LIST]
AccountName = Annotated[str, AfterValidator(_account)]
ListName = Annotated[str, AfterValidator(_full_name(31))]
PlainName = Annotated[str, AfterValidator(_full_name(31, levels=1))]
PartyName = Annotated[str, AfterValidator(_full_name(41))]
VendorName = Annotated[str, AfterValidator(_full_name(41, levels=1))]
HouseName = Annotated[str, AfterValidator(_house)]
RoleName = Annotated[str, AfterValidator(_role)]
RolePattern = Annotated[str, AfterValidator(_role_pattern)]
RolePatterns = Annotated[tuple[RolePattern, ...], _LIST]
Gateway = Annotated[str, AfterValidator(_gateway)]
GatewayOrAny = Annotated[str, AfterValidator(lambda value: value if value == "*" else _gateway(value))]
Amount = Annotated[Decimal, BeforeValidator(_amount, json_schema_input_type=str | int)]
Id = Annotated[
    str,
    AfterValidator(_matching(_ID, "an id is lower-case letters, digits, - and _, at most 63 characters")),
]
PluginName = Annotated[
    str, AfterValidator(_matching(_PLUGIN, "a plugin's name is letters, digits, - and _; it is no path"))
]
PluginNames = Annotated[tuple[PluginName, ...], _LIST]
Host = Annotated[str, AfterValidator(_host)]
ClockTime = Annotated[str, AfterValidator(_matching(_CLOCK, 'is no time of day; write it like "02:15"'))]
