"""Word lists written as text, so that a table of data reads as a table."""


def words(listed: str) -> frozenset[str]:
    """The entries of `one|two words|three`."""
    return frozenset(filter(None, (entry.strip() for entry in listed.replace("\n", "|").split("|"))))


def pairs(listed: str) -> dict[str, str]:
    """The entries of `written=spoken|written=spoken`, lines counting as bars."""
    entries = (entry.split("=", 1) for entry in listed.strip().replace("\n", "|").split("|"))
    return {written: spoken for written, spoken in entries if written}
