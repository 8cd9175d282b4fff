"""The console's pages; thin over the services, each of use without JavaScript."""

from fastapi import APIRouter

from broadcaster.web import feeds, sign_in
from broadcaster.web.pages import (
    airing,
    alert,
    announcements,
    approving,
    books,
    collisions,
    deputies,
    drill,
    emergency,
    hearing,
    me,
    nudges,
    overrides,
    policy,
    rules,
    scheduling,
    sites,
    speaker,
    speaker_log,
    speakers,
    standing_in,
    stopping,
    timetables,
    today,
    units,
    voices,
    writing,
)

router = APIRouter(include_in_schema=False)
# Addresses with fixed words come before those with an id in their place.
for part in (
    sign_in,
    today,
    hearing,
    writing,
    announcements,
    scheduling,
    timetables,
    feeds,
    approving,
    airing,
    speakers,
    speaker,
    speaker_log,
    collisions,
    standing_in,
    stopping,
    books,
    nudges,
    me,
    policy,
    deputies,
    emergency,
    alert,
    drill,
    overrides,
    rules,
    sites,
    units,
    voices,
):
    router.include_router(part.router)
