"""A list of people as an office writes it: a name on each line, and where there are headings what else is known."""

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from broadcaster.domain.permissions import Role
from broadcaster.domain.words import line, plain, slug

MOST = 2_000
LONGEST_NAME = 200
LONGEST_LOGIN = 48

# What each column may be called, as plain() writes it.
HEADINGS: dict[str, frozenset[str]] = {
    "name": frozenset({"ho ten", "ho va ten", "ten", "name", "full name", "nom", "nom complet"}),
    "login": frozenset({"ten dang nhap", "dang nhap", "tai khoan", "login", "sign-in name", "user", "identifiant"}),
    "unit": frozenset({"don vi", "xa", "thon", "ban", "noi cong tac", "unit", "unite"}),
    "role": frozenset({"vai tro", "chuc vu", "nhiem vu", "role"}),
    "phone": frozenset({"dien thoai", "so dien thoai", "sdt", "phone", "telephone"}),
    "mail": frozenset({"email", "e-mail", "mail", "thu dien tu", "courriel"}),
}
# What offices call the roles beside their own names.
TITLES: dict[str, Role] = {
    "can bo van hoa": Role.CLERK,
    "can bo dai": Role.CLERK,
    "bien tap": Role.CLERK,
    "chu tich": Role.APPROVER,
    "pho chu tich": Role.APPROVER,
    "lanh dao": Role.APPROVER,
    "truong thon": Role.VILLAGE_HEAD,
    "to truong": Role.VILLAGE_HEAD,
    "to truong to dan pho": Role.VILLAGE_HEAD,
    "ky thuat": Role.TECHNICIAN,
    "quan tri": Role.OWNER,
}
_MAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")
_PHONE = re.compile(r"\+?[0-9][0-9 .()-]{5,30}")
_LOGIN = re.compile(r"[a-z0-9][a-z0-9-]*[a-z0-9]")


class Fault(StrEnum):
    """What is wrong with a line."""

    NAME = "name"
    LOGIN = "login"
    UNIT = "unit"
    UNIT_TWICE = "unit_twice"
    """Several units are called so."""
    ROLE = "role"
    PHONE = "phone"
    MAIL = "mail"
    TWICE = "twice"


@dataclass(frozen=True, slots=True)
class Entry:
    """One line, read but not yet compared with who is there."""

    number: int
    """Of the line, from 1, as whoever wrote the list counts."""
    name: str
    login: str = ""
    unit: str = ""
    role: str = ""
    phone: str = ""
    mail: str = ""
    fault: Fault | None = None


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What a list is compared with."""

    units: Mapping[str, str]
    """Id → name of the units whose people may be looked after."""
    roles: Mapping[str, Role]
    """What roles are called, as plain() writes it."""
    taken: Collection[str]
    """Sign-in names that somebody has."""
    there: Mapping[tuple[str, str], str]
    """The sign-in name of who works there, by their name as plain() writes it, and the unit."""
    unit: str
    """Where who names no unit belongs."""
    role: Role
    """What who names no role becomes."""


def read(rows: Iterable[Sequence[str]]) -> list[Entry]:
    """The people of a list, in order; empty lines are left out."""
    told = [(number, [line(cell) for cell in row]) for number, row in enumerate(rows, start=1)]
    told = [(number, row) for number, row in told if any(row)]
    columns, after = _columns(told)
    found = []
    for number, row in told:
        if number > after:
            cells = {kind: row[at] if at < len(row) else "" for kind, at in columns.items()}
            name, login, unit, role, phone, mail = (cells.get(kind, "") for kind in HEADINGS)
            found.append(Entry(number, name, login, unit, role, phone, mail))
    return found


def as_rows(entries: Iterable[Entry]) -> list[list[str]]:
    """The same list with headings, so that it can be sent once more."""
    heads = ["Họ tên", "Tên đăng nhập", "Đơn vị", "Vai trò", "Điện thoại", "Email"]
    return [heads, *([it.name, it.login, it.unit, it.role, it.phone, it.mail] for it in entries)]


def judged(entries: Iterable[Entry], around: Surroundings) -> list[Entry]:
    """Each line with the unit's id, the role and a sign-in name of its own, or with what is wrong with it."""
    by_name: dict[str, list[str]] = {}
    for unit, name in around.units.items():
        by_name.setdefault(plain(name), []).append(unit)
    entries = list(entries)
    # A name somebody is given in the list must not be made up for somebody else before.
    given = {*around.taken, *(entry.login.lower() for entry in entries)}
    seen: set[tuple[str, ...]] = set()
    found = []
    for entry in entries:
        it = _placed(entry, around, by_name)
        if it.fault is None:
            it = _named(it, around, given, seen)
        found.append(it)
    return found


def login_for(name: str, taken: Collection[str]) -> str:
    """A sign-in name nobody has: “Lò Văn Bình” → “lo-van-binh”, the next one “lo-van-binh-2”."""
    wanted = slug(name, most=LONGEST_LOGIN - 6)
    wanted = wanted if len(wanted) > 1 else "can-bo"
    number = 1
    login = wanted
    while login in taken:
        number += 1
        login = f"{wanted}-{number}"
    return login


def _columns(rows: Sequence[tuple[int, Sequence[str]]]) -> tuple[dict[str, int], int]:
    for number, row in rows[:20]:
        found = {kind: at for at in reversed(range(len(row))) if (kind := _kind(row[at]))}
        if "name" in found:
            return found, number
    return {"name": 0}, 0


def _kind(cell: str) -> str:
    heading = plain(cell).strip(" :*")
    return next((kind for kind, names in HEADINGS.items() if heading in names), "")


def _placed(entry: Entry, around: Surroundings, by_name: Mapping[str, Sequence[str]]) -> Entry:
    role = _role(entry.role, around)
    unit, fault = entry.unit or around.unit, None
    if unit not in around.units:
        called = by_name.get(plain(unit), ())
        unit, fault = (called[0], None) if len(called) == 1 else (unit, Fault.UNIT_TWICE if called else Fault.UNIT)
    if not 1 <= len(entry.name) <= LONGEST_NAME:
        fault = Fault.NAME
    elif fault is None and role is None:
        fault = Fault.ROLE
    return replace(entry, unit=unit, role=role or entry.role, fault=fault)


def _role(text: str, around: Surroundings) -> Role | None:
    if not text:
        return around.role
    called = plain(text)
    return around.roles.get(called) or TITLES.get(called) or next((role for role in Role if role == called), None)


def _named(it: Entry, around: Surroundings, given: set[str], seen: set[tuple[str, ...]]) -> Entry:
    key = (it.login.lower() or f"{plain(it.name)} {it.phone} {it.mail}", it.unit, it.role)
    if key in seen:
        return replace(it, fault=Fault.TWICE)
    seen.add(key)
    known = around.there.get((plain(it.name), it.unit))
    login = it.login.lower() or known or login_for(it.name, given)
    given.add(login)
    return replace(it, login=login, fault=_fault(login, it.phone, it.mail))


def _fault(login: str, phone: str, mail: str) -> Fault | None:
    if not _LOGIN.fullmatch(login) or len(login) > LONGEST_LOGIN:
        return Fault.LOGIN
    if phone and not _PHONE.fullmatch(phone):
        return Fault.PHONE
    return Fault.MAIL if mail and (len(mail) > 200 or not _MAIL.fullmatch(mail)) else None
