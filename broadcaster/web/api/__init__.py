"""The API under /api/v1: the same services for programs; described at /api/v1/openapi.json."""

from fastapi import APIRouter

from broadcaster.web.api import (
    airings,
    announcements,
    books,
    deciding,
    drills,
    emergencies,
    places,
    rules,
    schedules,
    sounds,
)

PREFIX = "/api/v1"
router = APIRouter(prefix=PREFIX)
for part in (places, announcements, schedules, airings, sounds, books, deciding, emergencies, drills, rules):
    router.include_router(part.router)
