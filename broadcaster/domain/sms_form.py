"""What an SMS gateway is sent: a template of its JSON or form, filled in without being able to break out of it. PURE"""

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from urllib.parse import parse_qsl

PLACES = frozenset({"phone", "phones", "text", "id", "secret"})
_PLACE = re.compile(r"\{(\w+)\}")
_PHONE = re.compile(r"\+?[0-9]{3,15}")
_GAP = re.compile(r"[ .\-]+")


@dataclass(frozen=True, slots=True)
class Form:
    """A body to be filled in: one JSON value, or the fields of a form."""

    content: object
    is_json: bool

    @classmethod
    def read(cls, template: str) -> "Form":
        """Of what somebody wrote; raises ValueError with one sentence."""
        is_json = template.lstrip().startswith(("{", "["))
        try:
            content = json.loads(template) if is_json else dict(parse_qsl(template, strict_parsing=True))
        except (ValueError, RecursionError):
            raise ValueError("the body is neither JSON nor a form such as to={phone}&text={text}") from None
        form = cls(content, is_json)
        if set(form.places()) - PLACES:
            raise ValueError("the body may hold {phone}, {phones}, {text}, {id} and {secret}")
        if "text" not in form.places() or not {"phone", "phones"} & form.places():
            raise ValueError("the body needs {text} and either {phone} or {phones}")
        return form

    def places(self) -> set[str]:
        """The names of what is to be filled in."""
        return {name for leaf in _leaves(self.content) for name in _PLACE.findall(leaf)}

    def filled(self, values: Mapping[str, str]) -> object:
        """The content with its places filled in; a value stays one value whatever is in it."""
        return _filled(self.content, values)


def fill(text: str, values: Mapping[str, str]) -> str:
    """One line with its places filled in."""
    return _PLACE.sub(lambda found: values.get(found[1], found[0]), text)


def phones(text: str) -> tuple[str, ...]:
    """The numbers of a list with commas or semicolons, each once; raises ValueError with one sentence."""
    found = dict.fromkeys(_GAP.sub("", each) for each in re.split(r"[,;]", text) if each.strip())
    if not found or not all(_PHONE.fullmatch(each) for each in found):
        raise ValueError("the list of phones holds something that is no number; put commas between them")
    return tuple(found)


def at(value: object, path: str) -> str | None:
    """What stands at a path such as `data.0.status`, as text; None where there is nothing."""
    for step in path.split("."):
        if isinstance(value, dict):
            value = value.get(step)
        elif isinstance(value, list) and step.isascii() and step.isdigit() and int(step) < len(value):
            value = value[int(step)]
        else:
            return None
    return value if isinstance(value, str) or value is None else json.dumps(value)


def _leaves(content: object) -> Iterable[str]:
    if isinstance(content, dict):
        content = list(content.values())
    if isinstance(content, list):
        for each in content:
            yield from _leaves(each)
    elif isinstance(content, str):
        yield content


def _filled(content: object, values: Mapping[str, str]) -> object:
    if isinstance(content, dict):
        return {name: _filled(each, values) for name, each in content.items()}
    if isinstance(content, list):
        return [_filled(each, values) for each in content]
    return fill(content, values) if isinstance(content, str) else content
