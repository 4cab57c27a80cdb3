"""The words mappings.toml is made of: names QuickBooks takes, amounts, ids, lists written short.

Pydantic types only; every refusal is a sentence that stands on its own, because a person reads it beside a
line number. Lengths: qbwc-protocol.md section 12.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from decimal import Decimal, InvalidOperation
from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator, WithJsonSchema
from pydantic_core import PydanticCustomError

from qbconsole.books.documents.fields import FIELDS, MEMO_WORDS, NamedKind
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
#: One letter of a name, and a text that says something, as JSON Schema's patterns have them.
_LETTER = r"[^:\x00-\x1f\x7f]"
_SOME_TEXT = r"^[^\x00-\x1f\x7f]*[^\s\x00-\x1f\x7f][^\x00-\x1f\x7f]*$"
#: Of the eleven characters of a number at least six stay for the order's name.
_PREFIX_MAX = 5


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


#: Where Shopify can send to; a rehearsal's service listens on this computer.
_HOOKS = re.compile(r"https://[A-Za-z0-9.-]+(:[0-9]{1,5})?|http://(127\.0\.0\.1|localhost)(:[0-9]{1,5})?")


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


def _within(limit: int) -> Callable[[str], str]:
    """A check for short names: nothing but their length counts."""

    def check(value: str) -> str:
        value = _text(value)
        if ":" in value:
            raise refuse("may not hold a colon")
        if len(value) > limit:
            raise refuse(f'"{value}" is {len(value)} characters long; QuickBooks takes {limit}')
        return value

    return check


def _memo(value: str) -> str:
    value = _text(value)
    for found in _PLACEHOLDER.findall(value):
        if found[1:-1] not in MEMO_WORDS or not found.endswith("}"):
            known = ", ".join(f"{{{word}}}" for word in MEMO_WORDS)
            raise refuse(f"knows no placeholder {found}; there is {known}")
    return value


def _prefix(value: str) -> str:
    value = _within(_PREFIX_MAX)(value)
    if not (value.isascii() and value.isprintable()) or set("[]#") & set(value):
        raise refuse("may hold ASCII letters, digits and signs other than [ ] #")
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


def short_for(key: str, shown: Any) -> BeforeValidator:
    """A text or list may stand for a table with only this key; `shown` is what editors are told."""

    def widen(value: Any) -> Any:
        return {key: value} if isinstance(value, str | list) else value

    return BeforeValidator(widen, json_schema_input_type=shown)


def switched(key: str, shown: Any) -> BeforeValidator:
    """A yes or no (true, false) may stand for a table with only this key; `shown` is what editors are told."""

    def widen(value: Any) -> Any:
        return {key: value} if isinstance(value, bool) else value

    return BeforeValidator(widen, json_schema_input_type=shown)


def _shown(pattern: str, *, longest: int | None = None) -> WithJsonSchema:
    """What editors are told of a text: JSON Schema knows patterns and lengths, not our sentences."""
    told: dict[str, Any] = {"type": "string", "pattern": pattern}
    return WithJsonSchema(told if longest is None else told | {"maxLength": longest})


def _name_pattern(limit: int, levels: int = LEVELS, before: str = "", letter: str = _LETTER) -> str:
    """`Parent:Child` names as a pattern; blanks around a part do not count."""
    part = rf"\s*{before}(?!\s|:){letter}{{1,{limit}}}?\s*"
    return f"^{part}(:{part}){{0,{levels - 1}}}$"


def _short(limit: int) -> tuple[AfterValidator, WithJsonSchema]:
    return AfterValidator(_within(limit)), _shown(_name_pattern(limit, 1))


def _list_of(kind: Any) -> BeforeValidator:
    """A list of these, or one alone."""
    return BeforeValidator(_listed, json_schema_input_type=kind | list[kind])


Text = Annotated[str, AfterValidator(_text), _shown(_SOME_TEXT)]
AccountName = Annotated[
    str, AfterValidator(_account), _shown(_name_pattern(31, before="([0-9A-Za-z.-]{1,7} · )?"))
]
ListName = Annotated[str, AfterValidator(_full_name(31)), _shown(_name_pattern(31))]
PlainName = Annotated[str, AfterValidator(_full_name(31, levels=1)), _shown(_name_pattern(31, 1))]
PartyName = Annotated[str, AfterValidator(_full_name(41)), _shown(_name_pattern(41))]
VendorName = Annotated[str, AfterValidator(_full_name(41, levels=1)), _shown(_name_pattern(41, 1))]
HouseName = Annotated[
    str, AfterValidator(_house), _shown(_name_pattern(41, letter=r"(\{channel\}|[^:{}\x00-\x1f\x7f])"))
]
MemoText = Annotated[
    str,
    AfterValidator(_memo),
    _shown(rf"^(\{{({'|'.join(MEMO_WORDS)})\}}|[^{{}}\x00-\x1f\x7f])*$"),
]
Prefix = Annotated[str, AfterValidator(_prefix), _shown(r"^[!\"$-Z\\^-~]+$", longest=_PREFIX_MAX)]
RoleName = Annotated[str, AfterValidator(_role), WithJsonSchema({"enum": list(ROLES)})]
RolePattern = Annotated[
    str,
    AfterValidator(_role_pattern),
    WithJsonSchema({"anyOf": [{"enum": list(ROLES)}, {"type": "string", "pattern": r"\*|^clearing:"}]}),
]
Gateway = Annotated[str, AfterValidator(_gateway), _shown(r"^[a-z0-9]+(_[a-z0-9]+)*$")]
GatewayOrAny = Annotated[
    str,
    AfterValidator(lambda value: value if value == "*" else _gateway(value)),
    _shown(r"^(\*|[a-z0-9]+(_[a-z0-9]+)*)$"),
]
Amount = Annotated[
    Decimal,
    BeforeValidator(_amount),
    WithJsonSchema(
        {"anyOf": [{"type": "string", "pattern": r"^\s*[-+]?(\d+\.?\d*|\.\d+)\s*$"}, {"type": "integer"}]}
    ),
]
Id = Annotated[
    str,
    AfterValidator(_matching(_ID, "an id is lower-case letters, digits, - and _, at most 63 characters")),
    _shown(r"^[a-z0-9][a-z0-9_-]{0,62}$"),
]
PluginName = Annotated[
    str,
    AfterValidator(_matching(_PLUGIN, "a plugin's name is letters, digits, - and _; it is no path")),
    _shown(r"^[A-Za-z][A-Za-z0-9_-]{0,62}$"),
]
Host = Annotated[
    str,
    AfterValidator(_host),
    _shown(
        r"^[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?(\.[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?)+$", longest=253
    ),
]
HookAddress = Annotated[
    str,
    AfterValidator(
        _matching(
            _HOOKS,
            'is no address Shopify can reach; write it like "https://books.example.com", without a path',
        )
    ),
    _shown(r"^https://[A-Za-z0-9.-]+(:[0-9]{1,5})?$", longest=253),
]
ClockTime = Annotated[
    str,
    AfterValidator(_matching(_CLOCK, 'is no time of day; write it like "02:15"')),
    _shown(r"^([01][0-9]|2[0-3]):[0-5][0-9]$"),
]
TermsName = Annotated[str, *_short(FIELDS["terms"].longest)]
RepInitials = Annotated[str, *_short(FIELDS["sales_rep"].longest)]
ShipMethodName = Annotated[str, *_short(FIELDS["ship_method"].longest)]
TemplateName = Annotated[str, *_short(FIELDS["template"].longest)]
MessageText = Annotated[str, *_short(FIELDS["customer_message"].longest)]
SiteName = Annotated[str, *_short(FIELDS["site"].longest)]
Texts = Annotated[tuple[Text, ...], _list_of(Text)]
RolePatterns = Annotated[tuple[RolePattern, ...], _list_of(RolePattern)]
PluginNames = Annotated[tuple[PluginName, ...], _list_of(PluginName)]
SkuFields = Annotated[tuple[SkuField, ...], _list_of(SkuField)]
DocumentKinds = Annotated[tuple[NamedKind, ...], _list_of(NamedKind)]
