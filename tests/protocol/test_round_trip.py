"""Every document comes back from the wire as it went, whatever it holds."""

import sys
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from firmware_config.protocol import (
    ClockState,
    Document,
    Health,
    JsonValue,
    Presence,
    Refusal,
    Refused,
    ResyncRequest,
    State,
    dumps,
    loads,
)
from firmware_config.protocol.reports import FIGURES
from tests.protocol.cast import SUBJECTS, Subject
from tests.protocol.strategies import documents

pytestmark = pytest.mark.pure


def all_kinds(kind: type[Document] = Document) -> set[type[Document]]:
    # A dataclass with slots is made twice; only the second one is to be found in its module.
    below = kind.__subclasses__()
    ours = {one for one in below if vars(sys.modules[one.__module__]).get(one.__name__) is one}
    return ours.union(*(all_kinds(one) for one in below))


KINDS = sorted(all_kinds(), key=lambda kind: kind.__name__)
WRONG: tuple[JsonValue, ...] = ({"a": []}, "\x00", -(2**53), [[]])
json_values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text(max_size=10),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=10,
)


def test_no_kind_of_document_is_forgotten() -> None:
    assert len(KINDS) >= 25


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
def test_a_document_comes_back_as_it_went(kind: type[Document]) -> None:
    @settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck), database=None)
    @given(documents(kind))
    def check(document: Document) -> None:
        raw = document.to_bytes()
        assert kind.from_bytes(raw) == document
        assert kind.from_bytes(raw).to_bytes() == raw

    check()


@pytest.mark.parametrize("subject", SUBJECTS, ids=lambda one: one.name)
def test_a_sealed_document_is_accepted(subject: Subject) -> None:
    assert subject.accept(subject.sealed()) == subject.document


@pytest.mark.parametrize("kind", [one for one in KINDS if one is not Health], ids=lambda kind: kind.__name__)
def test_any_other_json_is_refused_by_its_fields(kind: type[Document]) -> None:
    @settings(max_examples=15, deadline=None, database=None)
    @given(json_values)
    def check(value: JsonValue) -> None:
        if value == {}:
            return
        with pytest.raises(Refused) as refused:
            kind.from_json(value)
        assert refused.value.code is Refusal.FIELDS

    check()


@pytest.mark.parametrize("subject", SUBJECTS, ids=lambda one: one.name)
def test_a_field_more_or_less_or_of_another_type_is_refused(subject: Subject) -> None:
    good = subject.document.to_json()
    worse: list[dict[str, JsonValue]] = [{**good, "more": 1}]
    for name in good:
        worse.append({key: value for key, value in good.items() if key != name})
        worse += [{**good, name: wrong} for wrong in WRONG]
    for value in worse:
        with pytest.raises(Refused) as refused:
            type(subject.document).from_json(value)
        assert refused.value.code is Refusal.FIELDS


@pytest.mark.parametrize("kind", [State, ResyncRequest, Presence])
def test_a_report_is_small(kind: type[Document]) -> None:
    for size, code in ((16_384, Refusal.BAD_JSON), (16_385, Refusal.OVERSIZE)):
        with pytest.raises(Refused) as refused:
            kind.from_bytes(b" " * size)
        assert refused.value.code is code


REPORT = State("loa-1", 1, 2, "", ClockState.TRUSTED, 0, 60, "loa-agent 0.1.0", 0, "0" * 64, "boot-1", ())


@given(st.dictionaries(st.text(max_size=8).filter(lambda name: name not in FIGURES), json_values, max_size=4))
@settings(deadline=None, database=None)
def test_the_state_of_an_older_and_of_a_newer_speaker_is_read(more: dict[str, JsonValue]) -> None:
    said = REPORT.to_json()
    older = {name: value for name, value in said.items() if name != "health"}
    assert State.from_json(older) == REPORT
    newer = {**said, "health": {"centigrade": 41, **more}, **{f"x_{name}": value for name, value in more.items()}}
    assert State.from_json(newer) == replace(REPORT, health=Health(centigrade=41))


@pytest.mark.parametrize("name", FIGURES)
def test_a_figure_of_another_type_is_refused(name: str) -> None:
    for wrong in WRONG:
        with pytest.raises(Refused) as refused:
            Health.from_json({name: wrong})
        assert refused.value.code is Refusal.FIELDS


def test_a_figure_that_is_not_known_does_not_travel() -> None:
    assert Health(under_voltage=False, signal_percent=61).to_bytes() == b'{"signal_percent":61,"under_voltage":false}'


@given(json_values)
@settings(deadline=None, database=None)
def test_canonical_json_is_read_back_and_written_the_same(value: JsonValue) -> None:
    assert loads(dumps(value)) == value
    assert dumps(loads(dumps(value))) == dumps(value)
