"""The panel: everybody who may answer a hook, asked in order, so that it is known who spoke and who was silent.

pluggy keeps the order and checks signatures, but does not tell who answered and lets an exception out
without a name. So its implementations are walked here: every exception, wrong type and empty text becomes
PluginBroken with the plugin's file and line.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator, Sequence
from functools import cache
from typing import Any

import pluggy

from qbconsole.books.answers import Choice, Provenance
from qbconsole.books.holds import Hold, Reason
from qbconsole.rules import hookspecs
from qbconsole.rules.defaults import DefaultMapping
from qbconsole.rules.registry import Plugin, line_in, said
from qbconsole.visible import safe

_DEFAULT = "default mapping"
_DOCUMENTS = ("SalesReceipt", "Invoice")
_LONGEST = 209
Arguments = dict[str, Any]


class _Manager(pluggy.PluginManager):
    """pluggy's own; what our hooks and the default mapping declare is looked for once a process, not once a desk."""

    def parse_hookspec_opts(self, module_or_class: Any, name: str) -> Any:
        """Of our specifications."""
        return _copied(_declared(hookspecs, name, self.project_name, spec=True))

    def parse_hookimpl_opts(self, plugin: object, name: str) -> Any:
        """Of an implementation; a plugin is a module of its own each time it is loaded."""
        if type(plugin) is not DefaultMapping:
            return super().parse_hookimpl_opts(plugin, name)
        return _copied(_declared(DefaultMapping, name, self.project_name))


@cache
def _declared(where: Any, name: str, project: str, *, spec: bool = False) -> Any:
    bare = pluggy.PluginManager(project)
    return bare.parse_hookspec_opts(where, name) if spec else bare.parse_hookimpl_opts(where, name)


def _copied(options: Any) -> Any:
    """Apart for each asking: what is missing is filled in."""
    return None if options is None else dict(options)


class Panel:
    """One merchant's plugins and, after them, the default mapping."""

    def __init__(self, plugins: Sequence[Plugin], default: DefaultMapping) -> None:
        self._plugins = {plugin.name: plugin for plugin in plugins}
        self._manager = _Manager(hookspecs.PROJECT)
        self._manager.add_hookspecs(hookspecs)
        # Who registers last is asked first, among those marked trylast he is asked last.
        for plugin in reversed(plugins):
            self._manager.register(plugin.module, name=plugin.name)
        self._manager.register(default, name=_DEFAULT)

    def has_plugin_for(self, hook: str) -> bool:
        """Whether any plugin implements a hook, so that answers cannot be remembered."""
        return any(hook in plugin.hooks for plugin in self._plugins.values())

    def _asked(self, hook: str, arguments: Arguments) -> Iterator[tuple[Plugin | None, Any]]:
        """Each implementation's answer in the order of asking; None stands for the default mapping."""
        for one in reversed(getattr(self._manager.hook, hook).get_hookimpls()):
            plugin = self._plugins.get(one.plugin_name)
            mine = arguments if plugin is None else arguments | {"options": plugin.options}
            given = [mine[name] for name in one.argnames]
            yield plugin, one.function(*given) if plugin is None else _call(plugin, hook, one.function, given)

    def choose(self, hook: str, arguments: Arguments) -> Choice | None:
        """The first answer, with who gave it and who was silent. Raises PluginBroken."""
        silent: list[str] = []
        for plugin, answer in self._asked(hook, arguments):
            if plugin is None:
                if silent and isinstance(answer, Choice):
                    by = dataclasses.replace(answer.by, silent=(*silent, *answer.by.silent))
                    return dataclasses.replace(answer, by=by)
                if answer is not None:
                    return answer if isinstance(answer, Choice) else None
            elif answer is not None:
                value = _name(plugin, hook, answer)
                return Choice(value=value, by=provenance(plugin, hook, silent), explicit=True)
            else:
                silent.append(plugin.name)
        return None

    def holds(self, arguments: Arguments, where: str, hook: str = "hold_event") -> tuple[Hold, ...]:
        """Every reason anybody gives to keep an event or a fact out of the books. Raises PluginBroken."""
        found: list[Hold] = []
        for plugin, answer in self._asked(hook, arguments):
            if plugin is None:
                found += answer
            elif answer is not None:
                found += _holds(plugin, answer, where, hook)
        return tuple(found)

    def amend(self, document: object, arguments: Arguments) -> tuple[object, tuple[Provenance, ...]]:
        """The document as every plugin in turn wants it, and who changed it. Raises PluginBroken."""
        changed: list[Provenance] = []
        hook = "amend_document"
        for one in reversed(self._manager.hook.amend_document.get_hookimpls()):
            plugin = self._plugins[one.plugin_name]
            mine = arguments | {"document": document, "options": plugin.options}
            given = [mine[name] for name in one.argnames]
            answer = _call(plugin, hook, one.function, given)
            amended = document if answer is None else _amended(plugin, hook, document, answer)
            if amended != document:
                document = amended
                changed.append(provenance(plugin, hook, ()))
        return document, tuple(changed)

    def tell(self, arguments: Arguments) -> None:
        """Tell every plugin that a document was recorded. Raises PluginBroken."""
        for plugin, answer in self._asked("document_recorded", arguments):
            if plugin is not None and answer is not None:
                raise _wrong(plugin, "document_recorded", answer, "nothing; it is only told")


def provenance(plugin: Plugin, hook: str, silent: Sequence[str]) -> Provenance:
    """Who a plugin's answer is by."""
    return Provenance(
        who=plugin.name,
        place=plugin.hooks[hook],
        hook=hook,
        version=plugin.version,
        sha256=plugin.sha256[:12],
        silent=tuple(silent),
    )


#: Who hears of each call before it is made: in the child, so that one that never returns is named all the same.
_LISTENERS: list[Callable[[str], None]] = []


def announce_to(say: Callable[[str], None]) -> None:
    """Say to whom each call of a plugin is announced: its name, a tab, its place and the hook."""
    _LISTENERS[:] = [say]


def _call(plugin: Plugin, hook: str, function: Callable[..., Any], given: Sequence[Any]) -> Any:
    for say in _LISTENERS:
        say(f"{plugin.name}\t{plugin.hooks[hook]} {hook}")
    try:
        return function(*given)
    except (Exception, SystemExit) as cause:  # the boundary to the merchant's code: it may raise anything
        raise plugin.broken(f"{hook} raised {said(cause)}", hook, line_in(cause, plugin.file)) from cause


def _wrong(plugin: Plugin, hook: str, answer: object, wanted: str) -> Exception:
    shown = f"{type(answer).__name__} {safe(repr(answer), limit=60)}"
    return plugin.broken(f"{hook} returned {shown}; it may return {wanted}", hook)


def _name(plugin: Plugin, hook: str, answer: object) -> str:
    """The name a plugin chose, on one line and not empty."""
    if type(answer) is not str or not answer.strip() or len(answer) > _LONGEST or safe(answer) != answer:
        raise _wrong(plugin, hook, answer, f"a name of 1 to {_LONGEST} printable characters, or None")
    if hook == "choose_document" and answer not in _DOCUMENTS:
        raise _wrong(plugin, hook, answer, f"{' or '.join(_DOCUMENTS)}, or None")
    return answer.strip()


def _holds(plugin: Plugin, answer: object, where: str, hook: str) -> Iterator[Hold]:
    wanted = "a sentence, a Hold, a list of them, or None"
    where = (
        f"{where}, {plugin.name}"  # holds of one place are one hold, and each plugin's is released by itself
    )
    sentences: list[str] = []
    for one in answer if isinstance(answer, list | tuple) else (answer,):
        if isinstance(one, Hold):
            yield dataclasses.replace(one, reason=Reason.PLUGIN_HOLD, where=one.where or where)
        elif type(one) is str and one.strip():
            sentences.append(one.strip())
        else:
            raise _wrong(plugin, hook, one, wanted)
    if sentences:
        yield Hold(
            reason=Reason.PLUGIN_HOLD,
            where=where,
            sentence=" ".join(sentences),
            next_step=f"Release it when that is settled; plugin {plugin.name} asked to wait.",
            cause=f"plugin:{plugin.name}",
        )


def _amended(plugin: Plugin, hook: str, document: Any, answer: object) -> object:
    """The changed copy: the answer itself, or the document with the fields a dict names replaced."""
    kind = type(document)
    if type(answer) is kind:
        return answer
    if not isinstance(answer, dict) or not dataclasses.is_dataclass(kind):
        raise _wrong(plugin, hook, answer, f"a changed {kind.__name__}, a dict of its fields, or None")
    known = {field.name for field in dataclasses.fields(kind) if field.init}
    for name in answer:
        if name not in known:
            raise plugin.broken(f"{hook} changes {safe(name)}, but {kind.__name__} has no such field", hook)
    try:
        return dataclasses.replace(document, **answer)
    except (TypeError, ValueError) as cause:
        raise plugin.broken(f"{hook} gives {kind.__name__} a wrong value: {said(cause)}", hook) from cause
