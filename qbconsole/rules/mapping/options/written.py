"""What may be written as an option in mappings.toml: plain values, lists of texts, and one table of these.

What an option of a plugin means is the plugin's to say (`OPTIONS`), and its code runs only where plugins run.
So the file is held to what any plugin could mean.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Annotated, Any

from pydantic import AfterValidator

from qbconsole.rules.mapping.words import PluginName, Text, refuse


def _option(value: Any) -> Any:
    if isinstance(value, Mapping):
        for key, one in value.items():
            if isinstance(one, Mapping):
                raise refuse(f'holds a table, "{key}", within a table; one is enough')
            _option(one)
        return value
    return _listed(value) if isinstance(value, list) else _plain(value)


def _listed(value: list[Any]) -> list[Any]:
    if not all(isinstance(one, str) for one in value):
        raise refuse("is a list of other things than texts")
    return value


def _plain(value: Any) -> Any:
    if isinstance(value, float):
        raise refuse('write an amount as text, "12.50", so that no cent is lost')
    is_day = isinstance(value, date) and not isinstance(value, datetime)
    if not (isinstance(value, str | bool | int) or is_day):
        raise refuse(
            "may be a text, a whole number, true or false, a day, a list of texts or a table of these"
        )
    return value


OptionValue = Annotated[Any, AfterValidator(_option)]
#: [merchants.X.plugin]: plugin -> option -> value.
PluginOptions = dict[PluginName, dict[Text, OptionValue]]
