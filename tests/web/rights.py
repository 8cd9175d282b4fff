"""Every route, and what each of the cast is answered there about their own and about others' things."""

from collections.abc import Iterator
from dataclasses import dataclass

from fastapi import FastAPI
from fastapi.routing import iter_route_contexts

CAST = ("anonymous", "clerk", "approver", "village_head", "technician", "monitor", "owner", "stranger")

# Statuses in the order of the cast. "ok" is the route's own success, "in" the way to the sign-in of whoever is nobody.
# First about a thing of the commune, then about one of its neighbour, which only the province and its own people see.
ANSWERS = {
    #            anon clerk appr head tech mon  own  stranger
    "anyone": (("ok", "ok", "ok", "ok", "ok", "ok", "ok", "ok"),) * 2,
    "nobody": (("401", "401", "401", "401", "401", "401", "401", "401"),) * 2,
    "signed in": (("in", "ok", "ok", "ok", "ok", "ok", "ok", "ok"),) * 2,
    "write anywhere": (("in", "ok", "ok", "403", "403", "403", "ok", "ok"),) * 2,
    "log book": (("in", "403", "ok", "403", "403", "ok", "ok", "ok"),) * 2,
    # A village head sees what his own loudspeakers said, and not yet what others are still writing.
    "see": (
        ("in", "ok", "ok", "404", "ok", "ok", "ok", "404"),
        ("in", "404", "404", "404", "404", "ok", "404", "ok"),
    ),
    "see aired": (
        ("in", "ok", "ok", "ok", "ok", "ok", "ok", "404"),
        ("in", "404", "404", "404", "404", "ok", "404", "ok"),
    ),
    "write for": (
        ("in", "ok", "ok", "403", "403", "403", "ok", "403"),
        ("in", "403", "403", "403", "403", "403", "403", "ok"),
    ),
    "write it": (
        ("in", "ok", "ok", "404", "403", "403", "ok", "404"),
        ("in", "404", "404", "404", "404", "403", "404", "ok"),
    ),
    # Where a page opens only for those who may do it somewhere, the others are told so and not what there is.
    "write it, page": (
        ("in", "ok", "ok", "403", "403", "403", "ok", "404"),
        ("in", "404", "404", "403", "403", "403", "404", "ok"),
    ),
    "approve it": (
        ("in", "403", "ok", "404", "403", "403", "ok", "404"),
        ("in", "404", "404", "404", "404", "403", "404", "ok"),
    ),
    "stop it": (
        ("in", "ok", "ok", "403", "403", "403", "ok", "404"),
        ("in", "404", "404", "404", "404", "403", "404", "ok"),
    ),
    "look after": (
        ("in", "403", "403", "404", "403", "403", "ok", "404"),
        ("in", "404", "404", "404", "404", "403", "404", "ok"),
    ),
    "look after, page": (
        ("in", "403", "403", "403", "403", "403", "ok", "404"),
        ("in", "403", "403", "403", "403", "403", "404", "ok"),
    ),
    # Whoever asked may think better of it.
    "approve it or asked": (
        ("in", "ok", "ok", "404", "403", "403", "ok", "404"),
        ("in", "404", "404", "404", "404", "403", "404", "ok"),
    ),
    "has no phone yet": (("in", "403", "403", "ok", "ok", "ok", "403", "403"),) * 2,
    "tend it": (
        ("in", "403", "403", "404", "ok", "403", "ok", "404"),
        ("in", "404", "404", "404", "404", "403", "404", "ok"),
    ),
    # Its head and those who put things on the air say what was said in a village.
    "answer for it": (
        ("in", "ok", "ok", "ok", "403", "403", "ok", "404"),
        ("in", "404", "404", "404", "404", "403", "404", "ok"),
    ),
    # A village head confirms for his village and not for the commune.
    "confirm it": (
        ("in", "403", "403", "403", "403", "403", "ok", "404"),
        ("in", "404", "404", "404", "404", "403", "404", "ok"),
    ),
}


@dataclass(frozen=True, slots=True)
class Row:
    """One route: who may, which thing it needs, and what it answers those who may."""

    answers: str
    ok: int = 200
    thing: str = ""


API = "/api/v1"
READ_ONLY = {
    f"{API}/openapi.json": Row("anyone"),
    f"{API}/units": Row("signed in"),
    f"{API}/groups": Row("signed in"),
    f"{API}/speakers": Row("signed in"),
    f"{API}/speakers/alarms": Row("signed in"),
    f"{API}/announcements": Row("signed in"),
    f"{API}/announcements/{{announcement_id}}": Row("see", thing="draft"),
    f"{API}/schedules": Row("signed in"),
    f"{API}/airings": Row("signed in"),
    f"{API}/airings/{{airing_id}}": Row("see aired", thing="airing"),
    f"{API}/airings/{{airing_id}}/deliveries": Row("see aired", thing="airing"),
    # A clip is named by its content: who knows the name has read or heard it.
    f"{API}/clips/{{sha256}}": Row("signed in", 404),
    f"{API}/emergencies/hazards": Row("signed in"),
    f"{API}/emergencies/{{announcement_id}}": Row("see", thing="alert"),
    f"{API}/drills": Row("signed in"),
    f"{API}/units/{{unit_id}}/policy": Row("see", thing="staff"),
    f"{API}/units/{{unit_id}}/deputies": Row("see", thing="staff"),
    "/units/{unit_id}/policy": Row("see", thing="staff"),
    "/units/{unit_id}/deputies": Row("see", thing="staff"),
    "/me": Row("signed in"),
    f"{API}/collisions": Row("signed in"),
    f"{API}/speakers/{{speaker_id}}/playing-list": Row("see", thing="loudspeaker"),
    f"{API}/speakers/{{speaker_id}}/logs": Row("tend it", thing="loudspeaker"),
    "/speakers/{speaker_id}/log": Row("tend it", thing="loudspeaker"),
    "/speakers/{speaker_id}/carry": Row("tend it", thing="loudspeaker"),
    f"{API}/silences/{{silence_id}}": Row("see", thing="loudspeaker"),
    f"{API}/mirrors": Row("signed in"),
    f"{API}/audit": Row("log book"),
    "/device/v1/manifest": Row("nobody"),
    "/device/v1/announcements/{sha256}": Row("nobody"),
    "/device/v1/clips/{sha256}": Row("nobody"),
    "/device/v1/keys": Row("nobody"),
    "/n/{public_id}": Row("anyone", 404),
    "/n/{public_id}/{sha256}.ogg": Row("anyone", 404),
    "/sign-in": Row("anyone"),
    "/sign-in/{secret}": Row("anyone", 401),
    "/": Row("signed in"),
    "/announcements": Row("signed in"),
    "/announcements/new": Row("write anywhere"),
    "/announcements/{announcement_id}": Row("see", thing="draft"),
    "/announcements/{announcement_id}/edit": Row("write it, page", thing="draft"),
    "/announcements/{announcement_id}/approve": Row("see", thing="submitted"),
    "/announcements/{announcement_id}/air": Row("write it, page", thing="approved"),
    "/announcements/{announcement_id}/schedule": Row("write it, page", thing="draft"),
    "/timetables": Row("write anywhere"),
    "/feeds/{name}.ics": Row("anyone", 404),
    "/units/{unit_id}/feed": Row("look after", thing="unit"),
    "/schedules/{schedule_id}": Row("write it, page", thing="scheduled"),
    "/emergency": Row("write anywhere"),
    "/emergency/{hazard}": Row("write anywhere"),
    "/emergency/at/{announcement_id}": Row("see", thing="alert"),
    "/emergency/at/{announcement_id}/now": Row("see", thing="alert"),
    "/emergency/at/{announcement_id}/edit": Row("write it, page", thing="alert"),
    "/drill": Row("write anywhere"),
    "/drill/{key}": Row("write anywhere"),
    "/drill/at/{announcement_id}": Row("see", thing="drill"),
    "/drills": Row("signed in"),
    "/approvals": Row("signed in"),
    "/airings/{airing_id}": Row("see aired", thing="airing"),
    "/airings/{airing_id}/board": Row("see aired", thing="airing"),
    "/speakers": Row("signed in"),
    "/speakers/{speaker_id}": Row("see", thing="loudspeaker"),
    "/speakers/{speaker_id}/settings": Row("tend it", thing="loudspeaker"),
    "/collisions": Row("signed in"),
    "/standing-in": Row("signed in"),
    "/units/{unit_id}/standing-in": Row("look after, page", thing="staff"),
    "/standing-in/{stand_in_id}": Row("see aired", thing="stand_in"),
    f"{API}/stand-ins": Row("signed in"),
    f"{API}/stand-ins/{{stand_in_id}}": Row("see aired", thing="stand_in"),
    # Who holds a true link needs no name; an untrue one says nothing to anybody.
    "/say/{secret}": Row("anyone", 404),
    f"{API}/units/{{unit_id}}/rules": Row("see", thing="ruled"),
    f"{API}/units/{{unit_id}}/day": Row("see", thing="ruled"),
    f"{API}/units/{{unit_id}}/sites": Row("see", thing="ruled"),
    f"{API}/units/{{unit_id}}/overrides": Row("see", thing="ruled"),
    "/units": Row("signed in"),
    "/units/{unit_id}": Row("see", thing="ruled"),
    "/units/{unit_id}/rules": Row("look after, page", thing="ruled"),
    "/units/{unit_id}/rules/annex": Row("see", thing="ruled"),
    "/units/{unit_id}/sites/new": Row("look after, page", thing="ruled"),
    "/units/{unit_id}/sites/{site_id}": Row("look after, page", thing="site"),
    "/units/{unit_id}/overrides/new": Row("write it, page", thing="ruled"),
    "/units/{unit_id}/stop": Row("write it, page", thing="loudspeaker"),
    "/units/{unit_id}/silences/{silence_id}": Row("see", thing="loudspeaker"),
    "/audit": Row("log book"),
    "/problems": Row("anyone"),
    "/clips/{sha256}": Row("signed in", 404),
    f"{API}/voices": Row("signed in"),
    f"{API}/voices/{{language}}": Row("signed in"),
    "/voices": Row("signed in"),
    "/voices/{language}": Row("signed in"),
    "/voices/{language}/record/{phrase_id}": Row("signed in", 404),
    "/voices/{language}/sentences/{key}": Row("signed in", 404),
    "/healthz": Row("anyone"),
    "/metrics": Row("anyone"),
    "/dev/components": Row("anyone"),
}
WRITES = {
    f"POST {API}/announcements": Row("write for", 201, "unit"),
    f"PUT {API}/announcements/{{announcement_id}}": Row("write it", thing="draft"),
    f"POST {API}/announcements/{{announcement_id}}/submit": Row("write it", thing="draft"),
    f"POST {API}/announcements/{{announcement_id}}/approve": Row("approve it", thing="submitted"),
    f"POST {API}/announcements/{{announcement_id}}/reject": Row("approve it", thing="submitted"),
    f"POST {API}/announcements/{{announcement_id}}/withdraw": Row("write it", thing="approved"),
    f"POST {API}/schedules": Row("write it", 201, "draft"),
    f"POST {API}/schedules/preview": Row("write it, page", thing="draft"),
    f"PUT {API}/schedules/{{schedule_id}}": Row("write it", thing="scheduled"),
    f"POST {API}/schedules/{{schedule_id}}/end": Row("write it", thing="scheduled"),
    f"POST {API}/airings": Row("write it", 201, "approved"),
    f"POST {API}/airings/{{airing_id}}/stop": Row("stop it", thing="airing"),
    f"POST {API}/recordings": Row("write for", 422, "unit"),
    f"POST {API}/emergencies": Row("write for", 201, "unit"),
    f"PUT {API}/emergencies/{{announcement_id}}": Row("write it", thing="alert"),
    f"PUT {API}/drills/{{announcement_id}}": Row("write it", thing="drill"),
    "POST /emergency/at/{announcement_id}/edit": Row("write it, page", 303, "alert"),
    f"POST {API}/emergencies/{{announcement_id}}/send": Row("write it", thing="alert approved"),
    f"POST {API}/emergencies/{{announcement_id}}/correction": Row("stop it", thing="alert sent"),
    f"POST {API}/emergencies/{{announcement_id}}/all-clear": Row("stop it", thing="alert sent"),
    f"POST {API}/emergencies/{{announcement_id}}/acknowledge": Row("confirm it", thing="alert sent"),
    f"POST {API}/drills": Row("write for", 201, "unit"),
    f"POST {API}/drills/{{announcement_id}}/start": Row("write it", thing="drill approved"),
    "POST /emergency/{hazard}": Row("write for", 303, "unit"),
    "POST /emergency/at/{announcement_id}/submit": Row("write it", 303, "alert"),
    "POST /emergency/at/{announcement_id}/confirm": Row("write it", 303, "alert approved"),
    "POST /emergency/at/{announcement_id}/send": Row("write it", 303, "alert approved"),
    "POST /emergency/at/{announcement_id}/correction": Row("stop it", 303, "alert sent"),
    "POST /emergency/at/{announcement_id}/all-clear": Row("stop it", 303, "alert sent"),
    "POST /emergency/at/{announcement_id}/acknowledge": Row("confirm it", 303, "alert sent"),
    "POST /drill/{key}": Row("write for", 303, "unit"),
    "POST /drill/at/{announcement_id}/start": Row("write it", 303, "drill approved"),
    f"POST {API}/announcements/{{announcement_id}}/renew": Row("write it", thing="alert approved"),
    "POST /announcements/{announcement_id}/renew": Row("write it", 303, "alert approved"),
    f"PUT {API}/units/{{unit_id}}/policy": Row("look after", thing="staff"),
    "POST /units/{unit_id}/policy": Row("look after", 303, "staff"),
    f"POST {API}/units/{{unit_id}}/deputies": Row("look after", 201, "staff"),
    "POST /units/{unit_id}/deputies": Row("look after", 303, "staff"),
    f"POST {API}/units/{{unit_id}}/deputies/{{deputy_id}}/end": Row("look after", thing="deputy"),
    "POST /units/{unit_id}/deputies/{deputy_id}/end": Row("look after", 303, "deputy"),
    "POST /units/{unit_id}/people/{person_id}/languages": Row("look after", 303, "staff"),
    "POST /units/{unit_id}/people/{person_id}/factor-reset": Row("look after", 303, "staff"),
    "POST /me/codes": Row("has no phone yet", 303),
    "POST /me/codes/{factor_id}": Row("signed in", 404),
    "POST /me/factors/{factor_id}": Row("signed in", 404),
    "POST /me/factors/{factor_id}/remove": Row("signed in", 404),
    "POST /me/passkeys": Row("signed in", 403),
    "POST /me/passkeys/get": Row("signed in"),
    "POST /me/passkeys/new": Row("signed in"),
    f"PUT {API}/speakers/{{speaker_id}}/place": Row("tend it", thing="loudspeaker"),
    f"POST {API}/speakers/{{speaker_id}}/logs": Row("tend it", 201, "loudspeaker"),
    "POST /speakers/{speaker_id}/log": Row("tend it", 303, "loudspeaker"),
    "POST /speakers/{speaker_id}/carry/bundle": Row("tend it", 200, "loudspeaker"),
    "POST /speakers/{speaker_id}/carry": Row("tend it", 422, "loudspeaker"),
    "POST /speakers/{speaker_id}/place": Row("tend it", 303, "loudspeaker"),
    f"PATCH {API}/speakers/{{speaker_id}}": Row("tend it", thing="loudspeaker"),
    "POST /speakers/{speaker_id}/settings": Row("tend it", 303, "loudspeaker"),
    "POST /speakers/{speaker_id}/settings/preview": Row("tend it", thing="loudspeaker"),
    "POST /speakers/{speaker_id}/settings/back": Row("tend it", 303, "loudspeaker"),
    f"POST {API}/units/{{unit_id}}/stop": Row("write it, page", 201, "loudspeaker"),
    f"POST {API}/units/{{unit_id}}/rules": Row("look after", 201, "ruled"),
    f"POST {API}/units/{{unit_id}}/rules/try": Row("look after", thing="ruled"),
    f"POST {API}/units/{{unit_id}}/sites": Row("look after", 201, "ruled"),
    f"PUT {API}/sites/{{site_id}}": Row("look after", thing="site"),
    f"POST {API}/sites/{{site_id}}/remove": Row("look after", thing="site"),
    f"POST {API}/units/{{unit_id}}/overrides": Row("write it", 201, "ruled"),
    f"POST {API}/overrides/{{override_id}}/{{step}}": Row("approve it", thing="override"),
    "POST /units/{unit_id}": Row("look after", 303, "ruled"),
    "POST /units/{unit_id}/rules": Row("look after", 303, "ruled"),
    "POST /units/{unit_id}/sites/new": Row("look after", 303, "siteless"),
    "POST /units/{unit_id}/sites/{site_id}": Row("look after", 303, "site"),
    "POST /units/{unit_id}/overrides": Row("write it", 303, "ruled"),
    "POST /overrides/{override_id}/grant": Row("approve it", 303, "override"),
    "POST /overrides/{override_id}/refuse": Row("approve it or asked", 303, "override"),
    "POST /overrides/{override_id}/end": Row("write it", 303, "granted"),
    "POST /units/{unit_id}/stop": Row("write it, page", 303, "loudspeaker"),
    f"POST {API}/collisions/order": Row("stop it", thing="meeting"),
    "POST /collisions/order": Row("stop it", 303, "meeting"),
    f"POST {API}/voices/{{language}}/start": Row("write anywhere"),
    f"POST {API}/voices/{{language}}/phrases": Row("write anywhere", 201),
    f"POST {API}/voices/{{language}}/sentences": Row("write anywhere", 201),
    f"POST {API}/voices/{{language}}/assemble": Row("signed in", 404),
    # There is no such recording; who may touch one is decided by the languages they speak.
    f"POST {API}/voices/phrases/{{phrase_id}}/takes": Row("signed in", 404),
    f"POST {API}/voices/takes/{{take_id}}/review": Row("signed in", 404),
    f"POST {API}/voices/recordings/{{sha256}}/review": Row("signed in", 404),
    "POST /voices/{language}/start": Row("write anywhere", 303),
    "POST /voices/{language}/phrases": Row("write anywhere", 422),
    "POST /voices/{language}/sentences": Row("write anywhere", 422),
    "POST /voices/{language}/record/{phrase_id}": Row("signed in", 404),
    "POST /voices/{language}/sentences/{key}": Row("signed in", 404),
    "POST /voices/{language}/takes/{take_id}": Row("signed in", 404),
    "POST /voices/{language}/recordings/{sha256}": Row("signed in", 404),
    "POST /device/v1/receipts": Row("nobody"),
    "POST /device/v1/log": Row("nobody"),
    "POST /device/v1/state": Row("nobody"),
    "POST /sign-in/{secret}": Row("anyone", 401),
    "POST /say/{secret}": Row("anyone", 404),
    "POST /units/{unit_id}/standing-in": Row("look after, page", 303, "staff"),
    "POST /units/{unit_id}/standing-in/{person_id}": Row("look after, page", 303, "staff"),
    f"POST {API}/stand-ins/{{stand_in_id}}/answer": Row("answer for it", thing="stand_in"),
    "POST /standing-in/{stand_in_id}/answer": Row("answer for it", 303, "stand_in"),
    "POST /standing-in/{stand_in_id}/link": Row("answer for it", thing="stand_in"),
    "POST /sign-out": Row("signed in", 303),
    "POST /language": Row("anyone", 303),
    "POST /announcements": Row("write for", 303, "unit"),
    "POST /announcements/again": Row("write anywhere"),
    "POST /announcements/reach": Row("write anywhere"),
    "POST /announcements/read/{language}": Row("write anywhere"),
    "POST /announcements/listen/{language}": Row("write anywhere"),
    "POST /announcements/{announcement_id}": Row("write it, page", 303, "draft"),
    "POST /announcements/{announcement_id}/submit": Row("write it", 303, "draft"),
    "POST /announcements/{announcement_id}/approve": Row("approve it", 303, "submitted"),
    "POST /announcements/{announcement_id}/reject": Row("approve it", 303, "submitted"),
    "POST /announcements/{announcement_id}/withdraw": Row("write it", 303, "approved"),
    "POST /announcements/{announcement_id}/air": Row("write it, page", 303, "approved"),
    "POST /announcements/{announcement_id}/schedule": Row("write it, page", 303, "draft"),
    "POST /announcements/{announcement_id}/schedule/preview": Row("write it, page", thing="draft"),
    f"POST {API}/timetables": Row("write it", thing="unit"),
    "POST /timetables": Row("write anywhere", 422),
    "POST /timetables/take": Row("write for", 422, "unit"),
    "POST /units/{unit_id}/feed": Row("look after", 303, "unit"),
    "POST /units/{unit_id}/feed/end": Row("look after", 303, "unit"),
    "POST /schedules/{schedule_id}": Row("write it, page", 303, "scheduled"),
    "POST /schedules/{schedule_id}/end": Row("write it, page", 303, "scheduled"),
    "POST /airings/{airing_id}/stop": Row("stop it", 303, "airing"),
}
# Looked at by other tests: an endless stream, and files that are the same for everyone.
ELSEWHERE = {"GET /live/{topic}", "GET /static"}
TABLE = {f"GET {path}": row for path, row in READ_ONLY.items()} | WRITES


def routes(app: FastAPI) -> Iterator[str]:
    """Every route as "METHOD /path"; HEAD goes with its GET."""
    for route in iter_route_contexts(app.routes):
        for method in {*(route.methods or {"GET"})} - {"HEAD"}:
            yield f"{method} {route.path}"


def expected(row: Row, who: str, *, foreign: bool, page: bool, reading: bool) -> int:
    """The status of one cell."""
    cell = ANSWERS[row.answers][foreign][CAST.index(who)]
    if cell == "in":
        return 303 if page and reading else 401
    return row.ok if cell == "ok" else int(cell)
