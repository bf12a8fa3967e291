"""The house holds: floors, what stages depend on, what rooms owe, and sizes."""

import ast
import re
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).parents[1]
STAGES = ROOT / "stages"

# A floor imports from the floors before it, a package from itself; scripts, at the top, from all.
ROOMS = ("architectures", "objectives", "tasks", "datasets", "pretrained", "classical")
FLOORS = (
    ("__init__.py",),
    ("core",),
    ("sourcing", "modelling", "counting"),
    ("judging",),
    ("exporting", "comparing"),
    ROOMS,
    ("loop",),
    ("scheduling",),
)
# What each file of a room defines, and how many arguments without a name that takes.
OWED = {
    "architectures": {"build": 1},
    "objectives": {"build": 1},
    "classical": {"build": 1},
    "pretrained": {"fetch": 1},
    "datasets": {"fetch": 1, "prepare": 1, "encode": 3},
    "tasks": {"build": 1},
}

FILES = sorted(file.relative_to(ROOT).as_posix() for file in STAGES.rglob("*.py"))
SCRIPTS = sorted(file.stem for file in STAGES.glob("[!_]*.py"))
IN_ROOMS = [file for file in FILES if file.split("/")[1] in ROOMS and not file.endswith("__init__.py")]
GRAPH: dict[str, Any] = yaml.safe_load((ROOT / "dvc.yaml").read_text(encoding="utf-8"))["stages"]


@cache
def tree(file: str) -> ast.Module:
    return ast.parse((ROOT / file).read_text(encoding="utf-8"))


def code(node: ast.AST) -> Iterator[ast.AST]:
    """Every node that can run: what stands under `if TYPE_CHECKING` cannot."""
    yield node
    for child in ast.iter_child_nodes(node):
        if not (isinstance(child, ast.If) and ast.unparse(child.test) == "TYPE_CHECKING"):
            yield from code(child)


def modules(file: str) -> set[str]:
    """The dotted names that a file imports, at its top or inside its functions."""
    found = set()
    for node in code(tree(file)):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert not node.level and node.module, f"{file}: relative import"
            found |= {node.module} | {f"{node.module}.{alias.name}" for alias in node.names}
    return found


def ours(module: str) -> str | None:
    """The file of a module of the project that holds more than a docstring."""
    path = module.replace(".", "/")
    file = next((f for f in (f"{path}.py", f"{path}/__init__.py") if f in FILES), None)
    return file if file and len(tree(file).body) > 1 else None


def imported(file: str) -> set[str]:
    """The files of the project that a file imports, packages on the way to them too."""
    dotted = {name for name in modules(file) if name.partition(".")[0] == "stages"}
    parents = {name[: dot.start()] for name in dotted for dot in re.finditer(r"\.", name)}
    return {found for name in dotted | parents if (found := ours(name))} - {file}


def chosen(file: str) -> Iterator[tuple[str, str]]:
    """Each room that a file goes into by name, and the key in params.yaml that the name stands under."""
    for node in ast.walk(tree(file)):
        if isinstance(node, ast.Call) and ast.unparse(node.func) in ("rooms.build", "choices.load"):
            room, name = node.args[:2]
            if isinstance(room, ast.Constant):
                yield room.value, ast.unparse(name).rpartition(".")[2]


def reached(file: str) -> tuple[set[str], set[str]]:
    """All files that running a file may import, and the deps by which it goes into rooms."""
    files, doors, new = {file}, set(), [file]
    while new:
        at = new.pop()
        beyond = imported(at)
        for room, key in chosen(at):
            doors.add(f"stages/{room}/${{item.{key}}}.py")
            beyond |= {one for one in IN_ROOMS if one.split("/")[1] == room}
        new += beyond - files
        files |= beyond
    return files, doors


def deps(stage: str) -> list[str]:
    block = GRAPH[stage].get("do", GRAPH[stage])
    return [dep for dep in block["deps"] if dep.startswith("stages/")]


def covers(dep: str, file: str) -> bool:
    pattern = re.sub(r"\\\$\\\{.*?\\\}", "[^/]+", re.escape(dep))
    return re.fullmatch(f"{pattern}(/.*)?", file) is not None


def package(file: str) -> str:
    """The package of `stages` that a file belongs to; a script is one by itself."""
    return file.split("/")[1]


def height(name: str) -> int:
    return next((floor for floor, names in enumerate(FLOORS) if name in names), len(FLOORS))


def functions(file: str) -> Iterator[ast.FunctionDef]:
    return (node for node in ast.walk(tree(file)) if isinstance(node, ast.FunctionDef))


def offered(file: str) -> Iterator[tuple[str, ast.arguments]]:
    """The functions of a file and their arguments, those that it hands on among them."""
    for node in tree(file).body:
        if isinstance(node, ast.FunctionDef):
            yield node.name, node.args
        elif isinstance(node, ast.ImportFrom) and (origin := ours(node.module or "")):
            handed = {alias.name for alias in node.names}
            yield from ((name, arguments) for name, arguments in offered(origin) if name in handed)


def depth(node: ast.AST) -> int:
    """How deep control flow is nested; `elif` does not go deeper."""
    deepest = 0
    for child in ast.iter_child_nodes(node):
        opens = isinstance(child, ast.If | ast.For | ast.While | ast.With | ast.Try | ast.Match)
        if isinstance(node, ast.If) and [child] == node.orelse and isinstance(child, ast.If):
            opens = False
        if not isinstance(child, ast.FunctionDef | ast.ClassDef):
            deepest = max(deepest, opens + depth(child))
    return deepest


@pytest.mark.parametrize("file", FILES)
def test_imports_never_climb_a_floor(file: str) -> None:
    own = package(file)
    for other in map(package, imported(file)):
        below = height(other) < height(own)
        assert below or (other == own and own not in ROOMS), f"{file} imports from {other}"


@pytest.mark.parametrize("file", [file for file in FILES if package(file) not in ROOMS])
def test_a_file_of_a_room_is_imported_by_its_name_in_the_params_alone(file: str) -> None:
    assert not imported(file) & set(IN_ROOMS)


def test_every_package_has_its_floor() -> None:
    packages = {package(file) for file in FILES if Path(file).stem not in SCRIPTS or file.count("/") > 1}
    assert packages == {name for floor in FLOORS for name in floor}


@pytest.mark.parametrize("file", [file for file in IN_ROOMS if package(file) == "architectures"])
def test_an_architecture_imports_torch_and_what_networks_share_alone(file: str) -> None:
    outside = {name.partition(".")[0] for name in modules(file)} - set(sys.stdlib_module_names)
    assert outside <= {"torch", "stages"}
    assert set(map(package, imported(file))) <= {"__init__.py", "core", "modelling"}


@pytest.mark.parametrize("stage", GRAPH)
def test_what_a_stage_imports_stands_among_its_deps(stage: str) -> None:
    files, _ = reached(f"stages/{stage}.py")
    assert not {file for file in files if not any(covers(dep, file) for dep in deps(stage))}


@pytest.mark.parametrize("stage", GRAPH)
def test_a_stage_depends_on_no_file_that_it_does_not_import(stage: str) -> None:
    files, _ = reached(f"stages/{stage}.py")
    assert not {dep for dep in deps(stage) if not any(covers(dep, file) for file in files)}


@pytest.mark.parametrize("stage", GRAPH)
def test_a_stage_depends_on_the_one_file_of_a_room_that_its_block_names(stage: str) -> None:
    _, doors = reached(f"stages/{stage}.py")
    if "foreach" in GRAPH[stage]:
        assert doors == {dep for dep in deps(stage) if "${" in dep}
    else:
        assert {door.rpartition("/")[0] for door in doors} <= set(deps(stage))


@pytest.mark.parametrize("stage", GRAPH)
def test_a_stage_runs_the_script_of_its_name(stage: str) -> None:
    name = " ${key}" if "foreach" in GRAPH[stage] else ""
    assert GRAPH[stage].get("do", GRAPH[stage])["cmd"] == f"python -m stages.{stage}{name}"


@pytest.mark.parametrize("file", IN_ROOMS)
def test_a_file_of_a_room_has_the_functions_that_its_room_owes(file: str) -> None:
    defined = dict(offered(file))
    for name, count in OWED[package(file)].items():
        arguments = defined[name]
        assert len(arguments.args) == count and not arguments.vararg and not arguments.kwarg
        # `rooms.build` holds params against these annotations.
        assert all(one.annotation for one in (*arguments.args, *arguments.kwonlyargs))


@pytest.mark.parametrize("file", FILES)
def test_files_are_small(file: str) -> None:
    lines = [
        re.sub(r"  # (type: ignore|noqa).*", "", line)
        for line in (ROOT / file).read_text(encoding="utf-8").splitlines()
    ]
    assert len(lines) <= (60 if Path(file).stem in SCRIPTS and file.count("/") == 1 else 150)
    assert max(map(len, lines), default=0) <= 110


@pytest.mark.parametrize("file", FILES)
def test_functions_are_small_and_flat(file: str) -> None:
    for function in functions(file):
        length = (function.end_lineno or 0) - function.lineno + 1
        assert length <= 30, f"{function.name}: {length} lines"
        assert depth(function) <= 3, f"{function.name}: {depth(function)} levels"


@pytest.mark.parametrize("file", FILES)
def test_what_is_public_has_a_docstring(file: str) -> None:
    public = [node for node in tree(file).body if isinstance(node, ast.FunctionDef | ast.ClassDef)]
    for node in (tree(file), *(one for one in public if not one.name.startswith("_"))):
        assert ast.get_docstring(node), getattr(node, "name", "the module")
