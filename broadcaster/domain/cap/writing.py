"""A CAP message as XML, in the order the schema wants."""

from collections.abc import Iterable
from datetime import datetime
from xml.etree.ElementTree import Element, SubElement, register_namespace, tostring

from broadcaster.domain.cap.message import Area, Circle, Info, Message, Pair, Point, Reference, Resource

NAMESPACE = "urn:oasis:names:tc:emergency:cap:1.2"
register_namespace("", NAMESPACE)


def to_xml(message: Message) -> bytes:
    """The document, unsigned; the same message gives the same bytes."""
    root = Element(_q("alert"))
    _add(root, "identifier", message.identifier)
    _add(root, "sender", message.sender)
    _add(root, "sent", moment(message.sent))
    _add(root, "status", message.status)
    _add(root, "msgType", message.msg_type)
    _add(root, "scope", message.scope)
    _add(root, "note", message.note)
    _add(root, "references", " ".join(map(reference, message.references)))
    for info in message.infos:
        _info(SubElement(root, _q("info")), info)
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{tostring(root, encoding="unicode")}'.encode()


def moment(at: datetime) -> str:
    """A time as the standard writes it: whole seconds, and an offset that is never Z."""
    text = at.replace(microsecond=0).isoformat()
    # Section 3.3.2: UTC is written -00:00.
    return f"{text[:-6]}-00:00" if text.endswith("+00:00") else text


def reference(to: Reference) -> str:
    """sender,identifier,sent."""
    return f"{to.sender},{to.identifier},{moment(to.sent)}"


def _info(into: Element, info: Info) -> None:
    _add(into, "language", info.language)
    _each(into, "category", info.categories)
    _add(into, "event", info.event)
    _each(into, "responseType", info.responses)
    _add(into, "urgency", info.urgency)
    _add(into, "severity", info.severity)
    _add(into, "certainty", info.certainty)
    _pairs(into, "eventCode", info.event_codes)
    for name, at in (("effective", info.effective), ("onset", info.onset), ("expires", info.expires)):
        _add(into, name, moment(at) if at else "")
    _add(into, "senderName", info.sender_name)
    _add(into, "headline", info.headline)
    _add(into, "description", info.description)
    _add(into, "instruction", info.instruction)
    _add(into, "web", info.web)
    _pairs(into, "parameter", info.parameters)
    for resource in info.resources:
        _resource(SubElement(into, _q("resource")), resource)
    for area in info.areas:
        _area(SubElement(into, _q("area")), area)


def _resource(into: Element, resource: Resource) -> None:
    _add(into, "resourceDesc", resource.desc)
    _add(into, "mimeType", resource.mime_type)
    _add(into, "size", "" if resource.size is None else str(resource.size))
    _add(into, "uri", resource.uri)
    _add(into, "digest", resource.digest)


def _area(into: Element, area: Area) -> None:
    _add(into, "areaDesc", area.desc)
    _each(into, "polygon", (" ".join(map(_point, ring)) for ring in area.polygons))
    _each(into, "circle", map(_circle, area.circles))
    _pairs(into, "geocode", area.geocodes)


def _circle(circle: Circle) -> str:
    return f"{_point(circle.centre)} {_number(circle.km)}"


def _point(point: Point) -> str:
    return f"{_number(point[0])},{_number(point[1])}"


def _number(value: float) -> str:
    return f"{value:.6f}".rstrip("0").rstrip(".")


def _pairs(into: Element, tag: str, pairs: Iterable[Pair]) -> None:
    for name, value in pairs:
        pair = SubElement(into, _q(tag))
        _add(pair, "valueName", name)
        _add(pair, "value", value)


def _each(into: Element, tag: str, texts: Iterable[str]) -> None:
    for text in texts:
        _add(into, tag, text)


def _add(into: Element, tag: str, text: str) -> None:
    if text:
        SubElement(into, _q(tag)).text = text


def _q(tag: str) -> str:
    return f"{{{NAMESPACE}}}{tag}"
