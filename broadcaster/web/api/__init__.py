"""The API under /api/v1: the same services for programs; described at /api/v1/openapi.json."""

from fastapi import APIRouter

from broadcaster.web.api import (
    airings,
    announcements,
    books,
    collisions,
    deciding,
    drills,
    emergencies,
    places,
    rules,
    schedules,
    silences,
    sounds,
    speakers,
    stand_ins,
    timetables,
    voices,
)
from broadcaster.web.api.writes import PREFIX

__all__ = ["PREFIX", "router"]

router = APIRouter()
# The routes themselves: included, FastAPI would work each of them out again for every application, twice.
for part in (
    places,
    speakers,
    silences,
    announcements,
    schedules,
    timetables,
    airings,
    stand_ins,
    collisions,
    sounds,
    books,
    deciding,
    emergencies,
    drills,
    rules,
    voices,
):
    router.routes.extend(part.router.routes)
