"""What a monitoring system is told of the messages that speakers send."""

from typing import cast

import pytest

from tests.web.house import House

pytestmark = pytest.mark.pages


def test_what_was_refused_is_counted_by_its_code(house: House) -> None:
    cast("dict[str, int]", house.context.received).update({"receipts": 7, "bad_signature": 2})
    told = house.stranger_to_all().get("/metrics").text
    assert 'loa_received{outcome="bad_signature"} 2.0' in told
    assert 'loa_received{outcome="receipts"} 7.0' in told
