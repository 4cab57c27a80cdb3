"""The plugins a merchant opted in to: found, checked, loaded, or refused by name with file and line.

Nothing is loaded that is not asked for by name. The bytes that were hashed are the bytes that run. A file
others may write, a hook that does not exist, an argument nobody passes, a newer hook API: all are refused,
because a plugin that is silently half there would put money into wrong accounts.
"""

from __future__ import annotations

import hashlib
import importlib.util
import inspect
import os
import stat
import sys
import traceback
import types
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from importlib.metadata import EntryPoint, entry_points
from pathlib import Path
from typing import Any

import pluggy

from qbconsole.errors import PluginBroken
from qbconsole.rules import hookspecs
from qbconsole.rules.mapping.options.option import NOTHING
from qbconsole.rules.mapping.values import Mapping as MerchantMapping
from qbconsole.rules.nearest import nearest
from qbconsole.visible import safe

GROUP = "qbconsole"
_WRITABLE = stat.S_IWGRP | stat.S_IWOTH
#: Versions in force are kept in `.qbconsole/plugins` (`sync.plugins.shelf`).
_KEPT_BELOW = ".qbconsole"
_NO_PLUGINS = ("_", ".", "test_")
#: Plugins written for an older hook API than this would be asked what they do not expect.
_OLDEST_API = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Plugin:
    """One loaded plugin; lives in the process that loaded it, so it is never sent anywhere."""

    name: str
    version: str
    #: As people read it: "plugins/oak_ember.py".
    path: str
    #: Where Python says its code comes from.
    file: str
    #: Of the file, or of every .py file of an installed package.
    sha256: str
    #: Hook -> where it is implemented: "plugins/oak_ember.py:22".
    hooks: dict[str, str]
    module: types.ModuleType
    #: What the merchant says to it, checked; its own defaults for the rest.
    options: Mapping[str, Any] = field(default_factory=lambda: NOTHING)

    def given(self, mapping: MerchantMapping, merchant: str) -> Plugin:
        """The plugin with the options of one merchant. Raises PluginBroken, at the line that is at fault."""
        owner = mapping.merchants[merchant]
        told, declared = owner.options.get(self.name, {}), getattr(self.module, "OPTIONS", {})
        if not told and declared == {}:
            return replace(self, options=NOTHING)
        # What checks options takes a third of a child's start; most plugins declare none.
        from qbconsole.rules.mapping.options.checking import options_of

        found = options_of(self.name, self.path, declared, told, mapping.file, owner.plugins_line)
        return replace(self, options=found)

    def broken(self, what: str, hook: str = "", line: int = 0) -> PluginBroken:
        """An error that names this plugin and the place."""
        where = f"{self.path}:{line}" if line else self.hooks.get(hook, f"{self.path}:1")
        return PluginBroken(f"plugin {self.name}: {what}", where=where)


def hook_arguments() -> dict[str, tuple[str, ...]]:
    """Every hook and the arguments it is given."""
    return {
        name: tuple(inspect.signature(function).parameters)
        for name, function in vars(hookspecs).items()
        if hasattr(function, f"{hookspecs.PROJECT}_spec")
    }


def plugin_files(folders: Iterable[Path]) -> dict[str, Path]:
    """Every plugin file by name, the first folder's winning; names are sorted.

    `_` and dot files are left out, and so are the authors' tests: `test_*.py` and `conftest.py`.
    """
    found: dict[str, Path] = {}
    for folder in folders:
        for name in _names_in(folder):
            stem = name.removesuffix(".py")
            if stem not in (name, "conftest") and not name.startswith(_NO_PLUGINS):
                found.setdefault(stem, folder / name)
    return dict(sorted(found.items()))


def _names_in(folder: Path) -> list[str]:
    """What lies in a folder; nothing where it cannot be looked into. By the system's own call: it is asked all the time."""
    try:
        return os.listdir(folder)
    except OSError:
        return []


def installed_plugins() -> dict[str, EntryPoint]:
    """Installed plugins by name, none of them imported; of two with one name the first stands."""
    found: dict[str, EntryPoint] = {}
    for point in entry_points(group=GROUP):
        found.setdefault(point.name, point)
    return dict(sorted(found.items()))


def load_plugins(names: Sequence[str], folders: Sequence[Path]) -> tuple[Plugin, ...]:
    """Load plugins by name, in that order. Raises PluginBroken for the first that cannot be used."""
    files = plugin_files(folders)
    # Of a file that is kept in force the original is the merchant's own, before a shipped one of that name.
    homes = plugin_files(folder for folder in folders if folder.parent.name != _KEPT_BELOW)
    return tuple(load_plugin(name, files, homes.get(name)) for name in dict.fromkeys(names))


def load_plugin(name: str, files: dict[str, Path], home: Path | None = None) -> Plugin:
    """Load one plugin: a file of that name, else an installed entry point. Raises PluginBroken.

    `home` is what the plugin finds in `__file__`: a kept copy still looks for its tables beside the original.
    """
    if name in files:
        return _from_file(name, files[name], home or files[name])
    installed = installed_plugins()
    if name in installed:
        return _from_entry_point(installed[name])
    raise PluginBroken(
        f"there is no plugin {safe(name)}{nearest(name, {*files, *installed})}",
        next="Put the file into the workspace's plugins folder, or take the name out of `plugins`.",
    )


def _label(path: Path) -> str:
    """The path from its plugins folder on."""
    parts = path.parts
    start = len(parts) - 1 - parts[::-1].index("plugins") if "plugins" in parts else len(parts) - 2
    return "/".join(parts[max(0, start) :])


def _refuse_writable(name: str, path: Path, label: str) -> None:
    """Refuse a file that others could change into anything."""
    if os.name == "posix" and path.stat().st_mode & _WRITABLE:
        raise PluginBroken(
            f"plugin {name}: its file may be written by other users, so it is not run",
            where=f"{label}:1",
            next=f"Run `chmod go-w {path}`.",
        )


def _from_file(name: str, path: Path, home: Path) -> Plugin:
    label = _label(path)
    try:
        _refuse_writable(name, path, label)
        source = path.read_bytes()
    except OSError as cause:
        raise PluginBroken(f"plugin {name} cannot be read: {cause.strerror}", where=label) from cause
    digest = hashlib.sha256(source).hexdigest()
    module = types.ModuleType(f"qbconsole_plugin_{name}_{digest[:12]}")
    module.__file__ = str(home.resolve())

    def run() -> types.ModuleType:
        code = compile(source, str(path), "exec", dont_inherit=True)
        # Dataclasses and pickle look their module up by name.
        sys.modules[module.__name__] = module
        exec(code, module.__dict__)  # noqa: S102 (running the merchant's plugin is the purpose)
        return module

    _run(name, label, str(path), run, lambda: sys.modules.pop(module.__name__, None))
    version = str(getattr(module, "__version__", ""))
    try:
        return _checked(module, name=name, version=version, label=label, file=str(path), digest=digest)
    except PluginBroken:
        del sys.modules[module.__name__]
        raise


def _from_entry_point(point: EntryPoint) -> Plugin:
    label = point.module.replace(".", "/") + ".py"
    before = set(sys.modules)

    def forget() -> None:
        for name in set(sys.modules) - before:
            if name == point.module or name.startswith(f"{point.module}."):
                del sys.modules[name]

    spec = _run(point.name, label, "", lambda: importlib.util.find_spec(point.module), forget)
    if spec is None or not spec.origin:
        raise PluginBroken(f"plugin {point.name}: there is no module {point.module}", where=label)
    origin = Path(spec.origin)
    if origin.name == "__init__.py":
        label = f"{label.removesuffix('.py')}/__init__.py"
    sources = sorted(origin.parent.rglob("*.py")) if origin.name == "__init__.py" else [origin]
    for source in sources:
        _refuse_writable(point.name, source, label)
    digest = hashlib.sha256(b"".join(source.read_bytes() for source in sources)).hexdigest()
    module = _run(point.name, label, str(origin), point.load, forget)
    if not isinstance(module, types.ModuleType):
        raise PluginBroken(f"plugin {point.name}: its entry point names no module", where=label)
    version = point.dist.version if point.dist else ""
    return _checked(module, name=point.name, version=version, label=label, file=str(origin), digest=digest)


def _run(name: str, label: str, file: str, load: Callable[[], Any], undo: Callable[[], object]) -> Any:
    """Run a plugin's own code; whatever it does wrong becomes PluginBroken, and nothing of it stays."""
    try:
        return load()
    except (Exception, SystemExit) as cause:  # a plugin may raise anything
        undo()
        line = cause.lineno if isinstance(cause, SyntaxError) and cause.filename == file else None
        line = line or line_in(cause, file) or 1
        raise PluginBroken(f"plugin {name}: {said(cause)}", where=f"{label}:{line}") from cause


def _checked(
    module: types.ModuleType, *, name: str, version: str, label: str, file: str, digest: str
) -> Plugin:
    """The plugin, if everything it implements will really be called."""
    plugin = Plugin(name=name, version=version, path=label, file=file, sha256=digest, hooks={}, module=module)
    wanted = getattr(module, "HOOK_API", hookspecs.HOOK_API)
    if type(wanted) is not int or not _OLDEST_API <= wanted <= hookspecs.HOOK_API:
        raise plugin.broken(
            f"it needs hook API {safe(wanted)}; this qbconsole has {hookspecs.HOOK_API}",
            line=_line_of("HOOK_API", file),
        )
    hooks = hook_arguments()
    for attribute, function in sorted(vars(module).items()):
        hook = _hook_of(plugin, attribute, function, hooks)
        if hook:
            plugin.hooks[hook] = f"{label}:{function.__code__.co_firstlineno}"
    if not plugin.hooks:
        raise plugin.broken(f"it implements no hook; there is {', '.join(sorted(hooks))}")
    try:
        scratch = pluggy.PluginManager(hookspecs.PROJECT)
        scratch.add_hookspecs(hookspecs)
        scratch.register(module, name=name)
        scratch.check_pending()
    except (pluggy.PluginValidationError, ValueError) as cause:
        raise plugin.broken(safe(cause)) from cause
    return plugin


def _line_of(name: str, file: str) -> int:
    """Where a plugin's file sets a name; 0 where it cannot be told."""
    try:
        lines = Path(file).read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError):
        return 0
    return next((number for number, line in enumerate(lines, 1) if line.startswith(name)), 0)


def _hook_of(plugin: Plugin, attribute: str, function: object, hooks: dict[str, tuple[str, ...]]) -> str:
    """The hook a function implements, "" when it implements none. Raises PluginBroken for mistakes."""
    if not inspect.isfunction(function):
        return ""
    options = getattr(function, f"{hookspecs.PROJECT}_impl", None)
    line = function.__code__.co_firstlineno
    if options is None:
        if attribute in hooks and function.__module__ == plugin.module.__name__:
            raise plugin.broken(f"{attribute} lacks @hookimpl, so it would never be asked", line=line)
        return ""
    hook = options.get("specname") or attribute
    if hook not in hooks:
        if options.get("optionalhook"):
            return ""
        raise plugin.broken(f"there is no hook {hook}{nearest(hook, hooks)}", line=line)
    if options.get("wrapper") or options.get("hookwrapper"):
        raise plugin.broken(f"{hook} is a wrapper; answers must be returned, not wrapped", line=line)
    if inspect.iscoroutinefunction(function) or inspect.isgeneratorfunction(function):
        raise plugin.broken(f"{hook} is async or a generator; it must simply return", line=line)
    for argument in inspect.signature(function).parameters:
        if argument not in hooks[hook]:
            sentence = f"{hook} is never given {argument}{nearest(argument, hooks[hook])}"
            raise plugin.broken(sentence, line=line)
    return hook


def line_in(cause: BaseException, file: str) -> int:
    """The deepest line of this file on the way to the exception; 0 where it never passed there."""
    lines = [
        frame.lineno or 0 for frame in traceback.extract_tb(cause.__traceback__) if frame.filename == file
    ]
    return lines[-1] if lines else 0


def said(cause: BaseException) -> str:
    """Kind and message of an exception on one line."""
    message = cause.msg if isinstance(cause, SyntaxError) else str(cause)
    return f"{type(cause).__name__}: {safe(message, limit=300)}" if message else type(cause).__name__
