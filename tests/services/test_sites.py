"""Schools and clinics: by distance or for all of a unit, at once, until they are removed."""

from typing import Any

import pytest
from sqlalchemy import select

from broadcaster.domain import errors
from broadcaster.domain.audience import Place
from broadcaster.services.hours import asking, sites
from broadcaster.services.hours.book import Book
from broadcaster.services.hours.sites import SiteFacts
from broadcaster.store.database import Database
from broadcaster.store.tables import OutboxEntry, Speaker
from tests.cast import COMMUNE, NOW, OTHER_SPEAKER, OTHER_VILLAGE, SPEAKERS, VILLAGES, Cast, approved

pytestmark = pytest.mark.database

TEN = {"days": [2], "start": 590, "end": 660}
HERE = [Place(speaker, village) for speaker, village in zip(SPEAKERS, VILLAGES, strict=True)]
NORTH = {SPEAKERS[0]: 21.05, SPEAKERS[1]: 21.06}
"""Eleven hundred metres apart; where the third hangs nobody has entered."""


def facts(**changes: Any) -> SiteFacts:
    usual: dict[str, Any] = {"name": "Trường Tiểu học", "kind": "school", "hours": [TEN]}
    return SiteFacts(**(usual | changes))


def hang(database: Database) -> None:
    with database.transaction() as session:
        for speaker, latitude in NORTH.items():
            row = session.get_one(Speaker, speaker)
            row.latitude, row.longitude = latitude, 104.3


def test_near_a_school_it_is_quiet_and_farther_away_it_is_not(database: Database, cast: Cast) -> None:
    hang(database)
    with database.transaction() as session:
        sites.add(session, cast.owner, COMMUNE, facts(latitude=21.05, longitude=104.3, radius_m=500), now=NOW)
        announcement = approved(session, cast)
        barred = Book(session, NOW).bars(announcement, HERE, NOW, sound_ms=30_000)
        assert barred == {SPEAKERS[0]: "quiet_site", SPEAKERS[2]: "quiet_site"}
        with pytest.raises(errors.NearQuietSite) as caught:
            asking.require(session, announcement, HERE, NOW, now=NOW, sound_ms=30_000)
    assert caught.value.params["site"] == "Trường Tiểu học"
    assert caught.value.params["hours"] == "09:50–11:00"
    assert caught.value.params["next_at"] == "2026-11-25T04:00:00+00:00"


def test_without_a_place_all_of_the_unit_is_bound_and_nobody_else(database: Database, cast: Cast) -> None:
    with database.transaction() as session:
        sites.add(session, cast.owner, COMMUNE, facts(kind="clinic"), now=NOW)
        there = [*HERE, Place(OTHER_SPEAKER, OTHER_VILLAGE)]
        announcement = approved(session, cast)
        assert set(Book(session, NOW).bars(announcement, there, NOW, sound_ms=30_000)) == set(SPEAKERS)
    with database.read() as session:
        assert [site.name for site in sites.of_unit(session, cast.clerk, VILLAGES[0])] == ["Trường Tiểu học"]
        wanted = set(session.scalars(select(OutboxEntry.key)))
    assert {f"manifest:{speaker}" for speaker in SPEAKERS} <= wanted
    assert f"manifest:{OTHER_SPEAKER}" not in wanted


def test_a_site_can_be_changed_and_removed(database: Database, cast: Cast) -> None:
    with database.transaction() as session:
        site = sites.add(session, cast.owner, COMMUNE, facts(), now=NOW)
        announcement = approved(session, cast)
        sites.change(session, cast.owner, site.id, facts(hours=[TEN | {"days": [3]}]), now=NOW)
        assert Book(session, NOW).bars(announcement, HERE, NOW, sound_ms=30_000) == {}
        sites.change(session, cast.owner, site.id, facts(), now=NOW)
        assert len(Book(session, NOW).bars(announcement, HERE, NOW, sound_ms=30_000)) == 3
        sites.remove(session, cast.owner, site.id, now=NOW)
        assert Book(session, NOW).bars(announcement, HERE, NOW, sound_ms=30_000) == {}
        with pytest.raises(errors.NotFound):
            sites.remove(session, cast.owner, site.id, now=NOW)


@pytest.mark.parametrize(
    ("wrong", "refusal"),
    [
        ({"name": " "}, errors.Malformed),
        ({"kind": "pub"}, errors.Malformed),
        ({"hours": []}, errors.Malformed),
        ({"hours": [TEN | {"end": 500}]}, errors.RulesBackwards),
        ({"hours": [{"days": list(range(7)), "start": 0, "end": 1440}]}, errors.RulesLeaveNothing),
        ({"latitude": 91.0, "longitude": 0.0, "radius_m": 5}, errors.BadPlace),
        ({"latitude": 21.0, "radius_m": 5}, errors.BadPlace),
        ({"latitude": 21.0, "longitude": 104.0}, errors.Malformed),
        ({"latitude": float("nan"), "longitude": 104.0, "radius_m": 5}, errors.BadPlace),
    ],
)
def test_what_cannot_be_is_refused(
    database: Database, cast: Cast, wrong: dict[str, Any], refusal: type[errors.LoaError]
) -> None:
    with pytest.raises(refusal), database.transaction() as session:
        sites.add(session, cast.owner, COMMUNE, facts(**wrong), now=NOW)


def test_only_who_tends_the_unit_writes_sites(database: Database, cast: Cast) -> None:
    for actor in (cast.clerk, cast.approver, cast.technician, cast.stranger):
        with pytest.raises(errors.NotAllowed), database.transaction() as session:
            sites.add(session, actor, COMMUNE, facts(), now=NOW)
