"""CAP messages of every shape."""

from datetime import datetime, timedelta, timezone

from hypothesis import strategies as st

from broadcaster.domain.cap.message import (
    Area,
    Category,
    Certainty,
    Circle,
    Info,
    Message,
    MsgType,
    Reference,
    Resource,
    ResponseType,
    Scope,
    Severity,
    Status,
    Urgency,
)
from broadcaster.domain.words import line, prose

LETTERS = st.characters(codec="utf-8", exclude_categories=("Cc", "Cs", "Cn", "Co"))
LINES = st.text(LETTERS, min_size=1, max_size=30).map(line).filter(bool)
PROSE = st.text(LETTERS, max_size=60).map(prose)
NAMES = st.text("abcXYZ019.-_@:", min_size=1, max_size=30)
ZONES = st.integers(-12, 14).map(lambda hours: timezone(timedelta(hours=hours)))
MOMENTS = st.builds(datetime.fromtimestamp, st.integers(946_684_800, 4_070_908_800), ZONES)
ADDRESSES = NAMES.map(lambda name: f"https://alerts.example/{name}")
POINTS = st.tuples(
    st.integers(-90_000, 90_000).map(lambda n: n / 1000), st.integers(-180_000, 180_000).map(lambda n: n / 1000)
)
RINGS = st.lists(POINTS, min_size=3, max_size=6).map(lambda points: (*points, points[0]))
PAIRS = st.lists(st.tuples(LINES, LINES), max_size=2).map(tuple)


def some(strategy: st.SearchStrategy, most: int = 2) -> st.SearchStrategy:
    return st.lists(strategy, max_size=most).map(tuple)


AREAS = st.builds(
    Area,
    desc=LINES,
    polygons=some(RINGS),
    circles=some(st.builds(Circle, POINTS, st.integers(0, 500).map(float))),
    geocodes=PAIRS,
)
RESOURCES = st.builds(
    Resource,
    desc=LINES,
    mime_type=st.just("audio/ogg"),
    size=st.none() | st.integers(0, 10**9),
    uri=ADDRESSES,
    digest=NAMES,
)
INFOS = st.builds(
    Info,
    language=st.sampled_from(["vi", "vi-VN", "en-US", "fr"]),
    categories=st.lists(st.sampled_from(Category), min_size=1, max_size=3).map(tuple),
    event=LINES,
    urgency=st.sampled_from(Urgency),
    severity=st.sampled_from(Severity),
    certainty=st.sampled_from(Certainty),
    responses=some(st.sampled_from(ResponseType)),
    event_codes=PAIRS,
    effective=st.none() | MOMENTS,
    onset=st.none() | MOMENTS,
    expires=st.none() | MOMENTS,
    sender_name=LINES,
    headline=LINES,
    description=PROSE,
    instruction=PROSE,
    web=ADDRESSES,
    parameters=PAIRS,
    resources=some(RESOURCES),
    areas=some(AREAS),
)
MESSAGES = st.builds(
    Message,
    identifier=NAMES,
    sender=NAMES,
    sent=MOMENTS,
    status=st.sampled_from(Status),
    msg_type=st.sampled_from(MsgType),
    scope=st.sampled_from(Scope),
    note=LINES,
    references=some(st.builds(Reference, NAMES, NAMES, MOMENTS)),
    infos=some(INFOS),
)
