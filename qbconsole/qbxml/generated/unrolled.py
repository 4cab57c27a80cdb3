"""The walk over the fields of one class, written out as Python.

A document has three dozen fields, of which a dozen hold something. Walked in a loop, each of them costs as much as
writing one; written out, an absent field is one comparison, and a text that came before is one look-up. The code is
made once for each class, out of the names of its own fields and nothing from outside, as `dataclasses` makes its own.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple, TypeAlias

#: A value and the list of what is lost of it -> the value as a template sees it.
Rule: TypeAlias = Callable[[Any, list[Any]], Any]


class Way(NamedTuple):
    """How the values of one field are written."""

    #: None where a value stands as it is.
    rule: Rule | None
    #: What texts came to before, for a rule that depends on nothing but the text. The rule fills it.
    known: dict[str, str] | None = None
    #: There may be none or several, in a tuple.
    many: bool = False
    #: How each of them is written.
    each: Way | None = None
    #: Of a value with fields of its own: its class, and the path above its fields.
    inner: tuple[type, str] | None = None
    #: What is written holds nothing to escape: digits.
    bare: bool = False


def unrolled(view: Callable[..., Any], names: Sequence[str], ways: Sequence[Way]) -> Rule:
    """The function that turns a value with these fields into its view, which is filled by place.

    None stays None. What is remembered is used without asking the rule again, so it may hold only what cost nothing.
    """
    given: dict[str, Any] = {"view": view}
    lines = ["def flatten(value, losses):", "    return view("]
    for place, (name, way) in enumerate(zip(names, ways, strict=True)):
        given |= {f"rule_{place}": way.rule, f"known_{place}": way.known}
        lines.append(f"        {_written(f'value.{name}', place, way)},")
    return made([*lines, "    )"], f"<flat {getattr(view, '__name__', 'value')}>", given)


def made(lines: Sequence[str], place: str, given: dict[str, Any]) -> Callable[..., Any]:
    """The one function these lines define, which sees `given` and nothing else; `place` is what a traceback calls it.

    Only names of our own fields and the text of shipped templates may stand in the lines.
    """
    known = set(given)
    exec(compile("\n".join(lines), place, "exec"), given)  # noqa: S102 (see above)
    (name,) = given.keys() - known - {"__builtins__"}
    function: Callable[..., Any] = given[name]
    return function


def _written(field: str, place: int, way: Way) -> str:
    """The expression for one field."""
    if way.rule is None:
        return field
    asked = f"rule_{place}(field, losses)"
    if way.known is not None:
        # An empty text is none that is worth remembering, so `or` asks for it anew.
        asked = f"known_{place}.get(field) or {asked}"
    elif way.many:
        asked = f"{asked} if field else ()"
    return f"None if (field := {field}) is None else {asked}"
