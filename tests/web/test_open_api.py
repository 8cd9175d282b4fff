"""Whatever a program sends, the API answers with a refusal of its own and never breaks."""

import uuid
from typing import Any, TypeAlias

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from schemathesis import APIOperation, Case, GenerationMode

from broadcaster.web.problems import MEDIA_TYPE
from tests import cast
from tests.web.house import House

pytestmark = pytest.mark.pages
EXAMPLES = 8
Operation: TypeAlias = "APIOperation[Any, Any, Any, Any]"
Attempt: TypeAlias = "Case[Any]"


def cases(operation: Operation, known: dict[str, str]) -> st.SearchStrategy[Attempt]:
    """What the description allows, what it forbids, and both about things that exist."""

    def about_known(case: Attempt) -> Attempt:
        case.path_parameters |= {name: known[name] for name in case.path_parameters if name in known}
        if isinstance(case.body, dict):
            case.body |= {name: known[name] for name in case.body if name in known}
        return case

    modes = (GenerationMode.POSITIVE, GenerationMode.NEGATIVE)
    allowed, forbidden = (operation.as_strategy(mode) for mode in modes)
    return st.one_of([allowed, forbidden, allowed.map(about_known), forbidden.map(about_known)])


def attempt(operation: Operation, token: str, known: dict[str, str]) -> set[int]:
    """Try one operation with many inputs; the statuses it answered."""
    statuses: set[int] = set()

    @settings(max_examples=EXAMPLES, deadline=None, database=None, suppress_health_check=list(HealthCheck))
    @given(cases(operation, known))
    def once(case: Attempt) -> None:
        answer = case.call(headers={"authorization": token, "idempotency-key": uuid.uuid4().hex})
        assert answer.status_code < 500, (case.as_curl_command(), answer.text)
        if answer.status_code >= 400:
            assert answer.headers["content-type"] == [MEDIA_TYPE], (case.as_curl_command(), answer.text)
        statuses.add(answer.status_code)

    once()
    return statuses


def test_no_input_breaks_the_api(any_house: House) -> None:
    house = any_house
    with house.database.transaction() as session:
        announcement = cast.approved(session, house.cast).id
    known = {"announcement_id": announcement, "announcement": announcement, "unit": cast.COMMUNE}
    token = house.program(house.cast.owner).headers["authorization"]
    schema = schemathesis.openapi.from_asgi("/api/v1/openapi.json", house.app).include(
        path_regex="^/(api/v1|healthz|metrics)"
    )
    answered: dict[str, set[int]] = {}
    for found in schema.get_all_operations():
        operation: Any = found.ok()  # type: ignore[union-attr]
        answered[operation.label] = attempt(operation, token, known)
    assert len(answered) >= 22
    assert {200, 404, 409, 422} <= set().union(*answered.values())
