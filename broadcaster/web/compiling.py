"""How templates are compiled: a sentence that is the same on every page is translated once, and not on each of them."""

from collections.abc import Callable

from jinja2 import nodes
from jinja2.compiler import CodeGenerator, Frame
from jinja2.visitor import NodeTransformer


class _Sentences(NodeTransformer):
    def __init__(self, say: Callable[[str], str]) -> None:
        self._say = say

    def visit_Call(self, node: nodes.Call) -> nodes.Node:  # noqa: N802  (Jinja finds it by its name)
        self.generic_visit(node)
        match node:
            case nodes.Call(node=nodes.Name(name="_"), args=[nodes.Const(value=str(sentence))], kwargs=[]):
                # As gettext does it: also a sentence without places says %% for a percent sign.
                return nodes.TemplateData(self._say(sentence) % {}, lineno=node.lineno)
        return node


class Translated(CodeGenerator):
    """Compiles for the one language of its environment: `_("…")` without places to fill in becomes the sentence."""

    def visit_Template(self, node: nodes.Template, frame: Frame | None = None) -> None:  # noqa: N802
        """A template."""
        super().visit_Template(_Sentences(self.environment.filters["said"]).visit(node), frame)
