"""A file from outside, before anything looks into it: its size, its lines, its depth, and none of its own zones."""

from collections.abc import Iterable, Iterator

from broadcaster.domain.errors import NotATimetable, TimetableTooLarge

MOST_BYTES = 512 * 1024
MOST_LINES = 20_000
LONGEST_LINE = 20_000
"""Characters of one line after unfolding."""
MOST_EVENTS = 300
DEEPEST = 4


def fitted(content: bytes) -> str:
    """The text, safe to parse; definitions of time zones are left out, for zones are known by their names.

    Raises TimetableTooLarge, NotATimetable.
    """
    if len(content) > MOST_BYTES:
        raise TimetableTooLarge(problem=f"> {MOST_BYTES // 1024} kB")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise NotATimetable(problem="UTF-8") from error
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    if len(lines) > MOST_LINES:
        raise TimetableTooLarge(problem=f"> {MOST_LINES}")
    whole = list(_unfolded(lines))
    if not whole or whole[0].strip().upper() != "BEGIN:VCALENDAR":
        raise NotATimetable(problem="BEGIN:VCALENDAR")
    return "\r\n".join(_without_zones(whole)) + "\r\n"


def _unfolded(lines: Iterable[str]) -> Iterator[str]:
    parts: list[str] = []
    size = 0
    for each in lines:
        if each[:1] in {" ", "\t"} and parts:
            parts.append(each[1:])
            size += len(each) - 1
        else:
            if parts and parts != [""]:
                yield "".join(parts)
            parts, size = [each], len(each)
        if size > LONGEST_LINE:
            raise TimetableTooLarge(problem=f"> {LONGEST_LINE}")
    if parts and parts != [""]:
        yield "".join(parts)


def _without_zones(lines: Iterable[str]) -> Iterator[str]:
    inside: list[str] = []
    events = 0
    for each in lines:
        name, _, value = each.strip().upper().partition(":")
        if name == "BEGIN":
            inside.append(value)
            events += value == "VEVENT"
        if len(inside) > DEEPEST or events > MOST_EVENTS:
            raise TimetableTooLarge(problem=f"> {MOST_EVENTS} VEVENT" if events > MOST_EVENTS else "BEGIN … BEGIN …")
        if "VTIMEZONE" not in inside:
            yield each
        if name == "END" and (not inside or inside.pop() != value):
            raise NotATimetable(problem=each.strip()[:40])
    if inside:
        raise NotATimetable(problem=f"END:{inside[-1]}"[:40])
