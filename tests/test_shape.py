"""The budgets of ARCHITECTURE.md: how long a module and a function may be, and how much script a page may carry."""

import ast
import statistics
from collections.abc import Iterator
from pathlib import Path

import pytest

import broadcaster

pytestmark = pytest.mark.pure

ROOT = Path(__file__).parent.parent
PACKAGES = ("audio", "broadcaster", "device_agent", "firmware_config")
CODE = [
    path
    for package in PACKAGES
    for path in sorted((ROOT / package).rglob("*.py"))
    if "migrations/versions" not in path.as_posix()
]
ALL_CODE = [*CODE, *sorted((ROOT / "tests").rglob("*.py")), *sorted((ROOT / "bench").rglob("*.py"))]


def lines(path: Path) -> int:
    return path.read_text(encoding="utf-8").count("\n")


def functions(path: Path) -> Iterator[tuple[str, int]]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield (
                f"{path.relative_to(ROOT)}:{node.lineno} {node.name}",
                (node.end_lineno or node.lineno) - node.lineno + 1,
            )


def ninth_decile(sizes: list[int]) -> float:
    return statistics.quantiles(sizes, n=10)[8]


def test_no_module_is_over_400_lines() -> None:
    assert [str(path.relative_to(ROOT)) for path in ALL_CODE if lines(path) > 400] == []


def test_no_function_is_over_60_lines() -> None:
    assert [name for path in ALL_CODE for name, size in functions(path) if size > 60] == []


def test_modules_are_small() -> None:
    sizes = [lines(path) for path in CODE if lines(path) > 1]
    assert statistics.median(sizes) <= 100
    assert ninth_decile(sizes) <= 300


def test_functions_are_short() -> None:
    sizes = [size for path in CODE for _, size in functions(path)]
    assert statistics.median(sizes) <= 9
    assert ninth_decile(sizes) <= 30


def test_own_script_and_style_stay_small() -> None:
    static = ROOT / "broadcaster/web/static"
    own = [path for path in static.rglob("*") if path.is_file() and "vendor" not in path.parts]
    # What residents fetch has its own, smaller measure: they come over 2G.
    public = [path for path in own if "residents" in path.parts]
    console = [path for path in own if path not in public]
    assert sum(lines(path) for path in console if path.suffix == ".js") < 400
    assert sum(lines(path) for path in console if path.suffix == ".css") < 400
    assert sum(lines(path) for path in public) <= 80


def test_the_package_called_broadcaster_is_ours() -> None:
    # A package of the same name exists on PyPI and would shadow ours.
    assert broadcaster.__file__ is not None
    assert Path(broadcaster.__file__).parent == ROOT / "broadcaster"


def test_comments_are_few() -> None:
    total = sum(lines(path) for path in CODE)
    comments = sum(
        line.lstrip().startswith("#") for path in CODE for line in path.read_text(encoding="utf-8").splitlines()
    )
    assert comments / total <= 0.04
