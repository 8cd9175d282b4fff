"""Every (kind, action) the services write into the log book, read from their source."""

import ast
from collections.abc import Iterator
from pathlib import Path

import broadcaster

SERVICES = Path(broadcaster.__file__).parent / "services"
# What no reader of the source can tell: the actions that are values of an enumeration.
TOLD = {
    ("emergencies", "part"): {"correction", "all_clear"},
    ("standing_in", "action"): {"open", "escalate", "not_needed", "withdrawn", "expired"},
    ("stand_in_answers", "outcome"): {"done", "could_not"},
    ("reorganising", "action"): {"merge", "became_part", "split", "part_of", "rename", "move"},
}


def named(name: str, target: ast.expr, value: ast.expr) -> list[ast.expr]:
    """What “a = x” or “a, b = x, y” gives to a name."""
    if isinstance(target, ast.Tuple) and isinstance(value, ast.Tuple):
        return [part for each, part in zip(target.elts, value.elts, strict=True) if ast.unparse(each) == name]
    return [value] if ast.unparse(target) == name else []


class Module:
    """One file: which words an expression in it can stand for."""

    def __init__(self, path: Path) -> None:
        self.name = path.stem
        self.tree = ast.parse(path.read_text(encoding="utf-8"))
        self.functions = [node for node in ast.walk(self.tree) if isinstance(node, ast.FunctionDef)]

    def calls(self, function: ast.FunctionDef) -> Iterator[ast.Call]:
        return (node for node in ast.walk(function) if isinstance(node, ast.Call))

    def recorded(self) -> Iterator[tuple[str, str]]:
        """What each audit.record of the file can write."""
        for function in self.functions:
            for call in self.calls(function):
                if ast.unparse(call.func) != "audit.record" or not call.args:
                    continue
                kinds = self.words(self.first(call.args[3], function), function)
                for action in self.words(call.args[2], function):
                    yield from ((kind, action) for kind in kinds)

    def first(self, subject: ast.expr, function: ast.FunctionDef) -> ast.expr:
        """The kind in a subject, which is a pair or a name given to one."""
        if isinstance(subject, ast.Name):
            given = [*self.assigned(subject.id, function), *self.passed(subject.id, function)]
            assert given, f"{self.name}: what is {subject.id}?"
            subject = given[0]
        assert isinstance(subject, ast.Tuple), ast.unparse(subject)
        return subject.elts[0]

    def assigned(self, name: str, inside: ast.AST) -> Iterator[ast.expr]:
        """What a name is set to, also in “a, b = x, y”."""
        for node in ast.walk(inside):
            if isinstance(node, ast.AnnAssign) and ast.unparse(node.target) == name and node.value:
                yield node.value
            if isinstance(node, ast.Assign):
                yield from (value for target in node.targets for value in named(name, target, node.value))

    def words(self, expression: ast.expr, function: ast.FunctionDef) -> set[str]:
        """Every word it can be; fails where that cannot be read."""
        if isinstance(expression, ast.Constant):
            return {str(expression.value).rpartition(".")[2]}
        if isinstance(expression, ast.IfExp):
            return self.words(expression.body, function) | self.words(expression.orelse, function)
        assert isinstance(expression, ast.Name), f"{self.name}: {ast.unparse(expression)}"
        name = expression.id
        if (self.name, name) in TOLD:
            return TOLD[self.name, name]
        given = [*self.assigned(name, function)] or [*self.passed(name, function)] or [*self.assigned(name, self.tree)]
        assert given, f"{self.name}: what is {name}?"
        return {word for value, where in self.placed(given, function, name) for word in self.words(value, where)}

    def placed(
        self, given: list[ast.expr], function: ast.FunctionDef, name: str
    ) -> Iterator[tuple[ast.expr, ast.FunctionDef]]:
        """Each expression with the function it stands in."""
        for value in given:
            around = next((one for one in self.functions if value in set(ast.walk(one)) and one is not function), None)
            yield value, around if around and name in [arg.arg for arg in function.args.args] else function

    def passed(self, name: str, function: ast.FunctionDef) -> Iterator[ast.expr]:
        """What callers in the same file give for a parameter."""
        named = [arg.arg for arg in function.args.args]
        if name not in named:
            return
        place = named.index(name)
        for other in self.functions:
            for call in self.calls(other):
                if ast.unparse(call.func) == function.name:
                    yield from (keyword.value for keyword in call.keywords if keyword.arg == name)
                    yield from call.args[place : place + 1]


def everything() -> set[tuple[str, str]]:
    """All of them."""
    return {pair for path in sorted(SERVICES.rglob("*.py")) for pair in Module(path).recorded()}
