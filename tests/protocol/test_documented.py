"""docs/protocol.md: a heading for each thing on the wire, and examples that the program itself can read."""

import re
from pathlib import Path

import pytest

from firmware_config.protocol import Document, Event, Refusal, TopicKind
from firmware_config.protocol.commands import ACTIONS
from tests.protocol.test_round_trip import KINDS

pytestmark = pytest.mark.pure

TEXT = (Path(__file__).parents[2] / "docs/protocol.md").read_text(encoding="utf-8")
SECTIONS = dict(re.findall(r"^### (\S+)\n(.*?)(?=^##|\Z)", TEXT, flags=re.MULTILINE | re.DOTALL))
SIGNED_OR_SENT = [kind for kind in KINDS if kind.TYPE]


def test_each_thing_on_the_wire_has_its_heading() -> None:
    wanted = {*map(str, Refusal), *map(str, Event), *map(str, TopicKind), *ACTIONS}
    assert wanted | {kind.TYPE for kind in SIGNED_OR_SENT} == set(SECTIONS)


@pytest.mark.parametrize("kind", SIGNED_OR_SENT, ids=lambda kind: kind.__name__)
def test_each_example_is_read_by_the_program(kind: type[Document]) -> None:
    example = re.search(r"```json\n(.*?)```", SECTIONS[kind.TYPE], flags=re.DOTALL)
    assert example is not None
    assert kind.from_bytes(example[1].encode()).to_bytes()
