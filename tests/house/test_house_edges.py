"""Edges: what runs where. PURE packages touch nothing, the sandbox knows nothing of ours, nobody catches everything."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from house_reading import PURE, Function, Module, calls, imports, listing, package_modules

#: Modules that know a clock, files, the environment, the network, chance or the log.
WORLDLY = {
    *(
        "asyncio",
        "fcntl",
        "ftplib",
        "getpass",
        "glob",
        "http",
        "httpx",
        "logging",
        "mmap",
        "multiprocessing",
        "os",
    ),
    *(
        "pathlib",
        "platform",
        "random",
        "resource",
        "secrets",
        "select",
        "selectors",
        "shutil",
        "signal",
        "socket",
    ),
    *("sqlalchemy", "sqlite3", "ssl", "structlog", "subprocess", "sys", "tempfile", "threading", "time"),
    *("urllib.request", "uvicorn", "starlette", "stamina", "alembic", "textual", "click", "cryptography"),
}
#: Calls that do the same without an import.
WORLDLY_CALLS = {
    "open",
    "input",
    "breakpoint",
    "exec",
    "eval",
    "__import__",
    "datetime.now",
    "datetime.utcnow",
    "date.today",
}
#: What one PURE module may use all the same, with the reason.
PURE_EXCEPT: dict[tuple[str, str], str] = {
    (
        "qbconsole/qbxml/generated/unrolled.py",
        "exec",
    ): "runs what it wrote itself out of our own classes and the shipped templates, as jinja2 runs a template",
    (
        "qbconsole/decide/desk.py",
        "pathlib",
    ): "desk_of names the folders that rules.registry loads plugins from",
}
#: The boundaries at which everything is caught: module and function. May only shrink.
BOUNDARIES: dict[str, str] = {
    "qbconsole/__main__.py:main": "the last stop: a mistake of ours is logged, and a person reads a sentence",
    "qbconsole/host/child.py:main": "whatever a plugin raises is reported to the supervisor",
    "qbconsole/rules/registry.py:_run": "a plugin's own code runs: it may raise anything",
    "qbconsole/rules/panel.py:_call": "a plugin's hook runs: it may raise anything",
    "qbconsole/qbxml/templating/compiling.py:Sandbox.runner.run": "raised again with the template's own lines in its traceback",
    "qbconsole/qbxml/templating/sources.py:Templates._tried": "a template is a merchant's program: it may raise anything",
    "qbconsole/webconnector/calls.py:EightCalls._tried": "a client on Windows waits for an answer",
    "qbconsole/serve/starting.py:Starting.run": "what a thread stumbles over is raised again by the one that waits",
    "qbconsole/serve/scheduling.py:scheduled.look": "what the schedule stumbles over must not end what sessions need",
    "qbconsole/sync/preview/sharing.py:_drive": "what a helper's thread stumbles over is raised again by who waits for it",
    "qbconsole/rehearsal/simulate/many.py:one_seed": "a run that ends with an error broke a law; thousands of others go on",
    "qbconsole/host/values.py:Reader.read": "a forged pickle raises whatever it likes",
}


def _worldly(module: Module) -> Iterator[str]:
    for name, node in imports(module):
        for barred in WORLDLY:
            if (name == barred or name.startswith(f"{barred}.")) and (module.name, barred) not in PURE_EXCEPT:
                yield f"{module.at(node)} imports {name}"
                break
    for name, node in calls(module):
        short = ".".join(name.split(".")[-2:])
        if {name, short} & WORLDLY_CALLS and (module.name, name) not in PURE_EXCEPT:
            yield f"{module.at(node)} calls {name}"


def test_pure_packages_touch_nothing_outside():
    rows = [row for module in package_modules(*PURE) for row in dict.fromkeys(_worldly(module))]
    assert not rows, listing(
        rows, "Take the value as an argument; the caller in sync or workspace knows clock and files."
    )


def test_the_sandbox_imports_nothing_of_ours():
    rows = [
        f"{module.at(node)} {name}"
        for module in package_modules("sandbox")
        for name, node in imports(module)
        if name.split(".")[0] == "qbconsole" and not f"{name}.".startswith("qbconsole.sandbox.")
    ]
    assert not rows, listing(
        rows, "Write what it needs in the sandbox: two roads to the same numbers is the point."
    )


def test_imports_name_their_whole_path():
    rows = [
        module.at(node)
        for module in package_modules()
        for name, node in imports(module)
        if name.startswith(".")
    ]
    assert not rows, listing(rows, "Write `from qbconsole.…`: the reader sees which house a name lives in.")


def _everything(module: Module) -> Iterator[str]:
    """Each place that catches everything, named by the innermost function it stands in."""

    def within(node: ast.AST, inside: str) -> Iterator[str]:
        for child in ast.iter_child_nodes(node):
            named = isinstance(child, (*Function.__args__, ast.ClassDef))
            if _catches_everything(child):
                yield f"{module.name}:{inside}"
            yield from within(child, f"{inside}.{child.name}".lstrip(".") if named else inside)

    yield from within(module.tree, "")


def _catches_everything(node: ast.AST) -> bool:
    broad = {"Exception", "BaseException"}
    if isinstance(node, ast.ExceptHandler):
        last = node.body[-1]
        if isinstance(last, ast.Raise) and last.exc is None:
            return False  # it only cleans up and lets everything through
        names = (
            {name.id for name in ast.walk(node.type) if isinstance(name, ast.Name)} if node.type else broad
        )
        return bool(names & broad)
    if isinstance(node, ast.Call) and ast.unparse(node.func).endswith("suppress"):
        return any(ast.unparse(argument) in broad for argument in node.args)
    return False


def test_nobody_catches_everything_outside_the_boundaries():
    rows = [row for module in package_modules() for row in _everything(module) if row not in BOUNDARIES]
    assert not rows, listing(
        rows, "Name the exceptions that can come. A true boundary is entered in BOUNDARIES with why."
    )


def test_the_list_of_boundaries_only_shrinks():
    found = {row for module in package_modules() for row in _everything(module)}
    rows = sorted(set(BOUNDARIES) - found)
    assert not rows, listing(rows, "It no longer catches everything: take it out of BOUNDARIES.")


def test_no_assert_and_no_print_in_the_package():
    rows = [
        f"{module.at(node)} {'assert' if isinstance(node, ast.Assert) else 'print'}"
        for module in package_modules()
        for node in ast.walk(module.tree)
        if (isinstance(node, ast.Assert) and module.name != "qbconsole/testing.py")
        or (isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "print")
    ]
    assert not rows, listing(
        rows, "`python -O` removes asserts: raise. Print nothing: return it, log it, or click.echo it."
    )


def test_every_folder_of_modules_is_a_package():
    folders = {module.name.rsplit("/", 1)[0] for module in package_modules()}
    packages = {
        module.name.rsplit("/", 1)[0] for module in package_modules() if module.name.endswith("/__init__.py")
    }
    rows = sorted(folders - packages)
    assert not rows, listing(
        rows, "Add an __init__.py that says what the package is for: without it imports are unchecked."
    )
