"""What the list of loudspeakers and the metrics say of one that does not follow."""

from datetime import timedelta

import pytest

from broadcaster.services.places.speakers import LAG
from broadcaster.services.speaking import manifests
from broadcaster.store.tables import Speaker
from tests.cast import SPEAKERS
from tests.web.house import House

pytestmark = pytest.mark.pages


def test_a_slow_loudspeaker_is_named_in_the_list_and_counted(house: House) -> None:
    with house.database.transaction() as session:
        manifests.sealed_many(session, SPEAKERS[:1], signing=house.context.signing, now=house.clock())
    page = house.browser(house.cast.technician)
    anybody = house.stranger_to_all()
    assert "chậm cập nhật" not in page.get("/speakers").text
    assert "loa_speakers_lagging 0.0" in anybody.get("/metrics").text
    house.clock.at += LAG + timedelta(seconds=1)
    assert page.get("/speakers").text.count("Loa chậm cập nhật chương trình mới") == 1
    assert "loa_speakers_lagging 1.0" in anybody.get("/metrics").text


def test_one_that_holds_newer_than_the_server_is_named(house: House) -> None:
    with house.database.transaction() as session:
        session.get_one(Speaker, SPEAKERS[0]).problems = ["ahead"]
    assert "có phải vừa khôi phục bản sao lưu?" in house.browser(house.cast.technician).get("/speakers").text
