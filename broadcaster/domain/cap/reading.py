"""A CAP message out of XML, read strictly: what is not CAP 1.2 to the letter is no alert."""

import re
from collections.abc import Callable, Iterator
from datetime import datetime
from enum import StrEnum
from math import isfinite
from typing import NoReturn, TypeVar
from xml.etree.ElementTree import Element, ParseError

from defusedxml import ElementTree
from defusedxml.common import DefusedXmlException

from broadcaster.domain.cap.message import (
    Area,
    Category,
    Certainty,
    Circle,
    Info,
    Message,
    MsgType,
    Pair,
    Point,
    Reference,
    Resource,
    ResponseType,
    Scope,
    Severity,
    Status,
    Urgency,
)
from broadcaster.domain.cap.refusal import Refusal, Refused
from broadcaster.domain.cap.writing import NAMESPACE
from broadcaster.domain.words import line, prose

LARGEST = 512 * 1024
"""Bytes of one document."""
MOST_ELEMENTS, DEEPEST = 20_000, 100
MOST_INFOS, MOST_AREAS, MOST_POINTS = 20, 200, 5_000
LONGEST_NAME = 180
MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d[-+]\d\d:\d\d")
NAME = re.compile(r"[^\s,<&]+")

Word = TypeVar("Word", bound=StrEnum)
Value = TypeVar("Value")


def tree(raw: bytes) -> Element:
    """The root of a document without document type and entities. Raises Refused."""
    if len(raw) > LARGEST:
        raise Refused(Refusal.TOO_LARGE)
    if not raw.strip():
        raise Refused(Refusal.EMPTY)
    try:
        root: Element = ElementTree.fromstring(raw, forbid_dtd=True, forbid_entities=True, forbid_external=True)
    except DefusedXmlException:
        raise Refused(Refusal.DOCTYPE) from None
    except (ParseError, ValueError, LookupError, RecursionError):
        raise Refused(Refusal.NOT_XML) from None
    if sum(1 for _ in root.iter()) > MOST_ELEMENTS or _is_too_deep(root):
        raise Refused(Refusal.TOO_LARGE)
    return root


def _is_too_deep(root: Element) -> bool:
    level = [root]
    for _ in range(DEEPEST):
        level = [child for each in level for child in each]
    return bool(level)


def read(raw: bytes) -> Message:
    """The message. Raises Refused for anything else than one."""
    root = tree(raw)
    if root.tag != _q("alert"):
        raise Refused(Refusal.NOT_CAP)
    try:
        return _message(root)
    except (ValueError, OverflowError) as error:
        raise Refused(Refusal.BAD_CAP, str(error)[:120]) from None


def _message(root: Element) -> Message:
    return Message(
        identifier=_name(root, "identifier"),
        sender=_name(root, "sender"),
        sent=_needed(root, "sent", _moment),
        status=_needed(root, "status", Status),
        msg_type=_needed(root, "msgType", MsgType),
        scope=_needed(root, "scope", Scope),
        note=_text(root, "note"),
        references=tuple(_reference(text) for text in _text(root, "references").split()),
        infos=tuple(_info(each) for each in _some(root, "info", MOST_INFOS)),
    )


def _info(found: Element) -> Info:
    return Info(
        language=_text(found, "language") or "en-US",
        categories=_words(found, "category", Category) or _lacking("category"),
        event=_needed(found, "event", line),
        responses=_words(found, "responseType", ResponseType),
        urgency=_needed(found, "urgency", Urgency),
        severity=_needed(found, "severity", Severity),
        certainty=_needed(found, "certainty", Certainty),
        event_codes=_pairs(found, "eventCode"),
        effective=_perhaps(found, "effective", _moment),
        onset=_perhaps(found, "onset", _moment),
        expires=_perhaps(found, "expires", _moment),
        sender_name=line(_text(found, "senderName")),
        headline=line(_text(found, "headline")),
        description=prose(_text(found, "description")),
        instruction=prose(_text(found, "instruction")),
        web=_text(found, "web"),
        parameters=_pairs(found, "parameter"),
        resources=tuple(_resource(each) for each in _some(found, "resource", 50)),
        areas=tuple(_area(each) for each in _some(found, "area", MOST_AREAS)),
    )


def _resource(found: Element) -> Resource:
    return Resource(
        desc=_needed(found, "resourceDesc", line),
        mime_type=_needed(found, "mimeType", line),
        size=_perhaps(found, "size", int),
        uri=_text(found, "uri"),
        digest=_text(found, "digest"),
    )


def _area(found: Element) -> Area:
    return Area(
        desc=_needed(found, "areaDesc", line),
        polygons=tuple(_polygon(each.text or "") for each in _some(found, "polygon", 100)),
        circles=tuple(_circle(each.text or "") for each in _some(found, "circle", 100)),
        geocodes=_pairs(found, "geocode"),
    )


def _polygon(text: str) -> tuple[Point, ...]:
    points = tuple(map(_point, text.split()))
    if len(points) < 4 or points[0] != points[-1] or len(points) > MOST_POINTS:
        raise ValueError("polygon")
    return points


def _circle(text: str) -> Circle:
    centre, km = text.split()
    radius = float(km)
    if not (isfinite(radius) and radius >= 0):
        raise ValueError("circle")
    return Circle(_point(centre), radius)


def _point(text: str) -> Point:
    latitude, longitude = map(float, text.split(","))
    if not (-90 <= latitude <= 90 and -180 <= longitude <= 180):
        raise ValueError("point")
    return latitude, longitude


def _reference(text: str) -> Reference:
    sender, identifier, sent = text.split(",")
    return Reference(sender, identifier, _moment(sent))


def _moment(text: str) -> datetime:
    if not MOMENT.fullmatch(text):
        raise ValueError("time")
    return datetime.fromisoformat(text)


def _pairs(found: Element, tag: str) -> tuple[Pair, ...]:
    return tuple((line(_text(each, "valueName")), line(_text(each, "value"))) for each in _some(found, tag, MOST_AREAS))


def _words(found: Element, tag: str, of: type[Word]) -> tuple[Word, ...]:
    return tuple(of(line(each.text or "")) for each in _some(found, tag, 20))


def _name(found: Element, tag: str) -> str:
    text = _text(found, tag)
    if not NAME.fullmatch(text) or len(text) > LONGEST_NAME:
        raise ValueError(tag)
    return text


def _needed(found: Element, tag: str, of: Callable[[str], Value]) -> Value:
    text = _text(found, tag)
    return of(text) if text else _lacking(tag)


def _perhaps(found: Element, tag: str, of: Callable[[str], Value]) -> Value | None:
    text = _text(found, tag)
    return of(text) if text else None


def _lacking(tag: str) -> NoReturn:
    raise ValueError(tag)


def _text(found: Element, tag: str) -> str:
    # Twice the same element is how one program is made to read what another one does not.
    each = list(_some(found, tag, 1))
    return (each[0].text or "").strip() if each else ""


def _some(found: Element, tag: str, most: int) -> Iterator[Element]:
    children = found.findall(_q(tag))
    if len(children) > most:
        raise ValueError(f"{tag}: {len(children)}")
    return iter(children)


def _q(tag: str) -> str:
    return f"{{{NAMESPACE}}}{tag}"
