"""The ways to every page: five in reach of the thumb, the others in named sections."""

from dataclasses import dataclass, replace

from broadcaster.domain.permissions import Action, units_of
from broadcaster.services.actor import Actor
from broadcaster.web.labels import N_


@dataclass(frozen=True, slots=True)
class MenuItem:
    """One place in the main menu."""

    href: str
    icon: str
    text: str
    action: Action = Action.SEE
    count: int = 0
    here: bool = False


@dataclass(frozen=True, slots=True)
class MenuSection:
    """Pages that belong together, under a name."""

    title: str
    items: tuple[MenuItem, ...]


MENU = (
    MenuItem("/", "home", N_("Today")),
    MenuItem("/announcements/new", "pencil", N_("Write"), Action.WRITE),
    MenuItem("/announcements", "list", N_("Announcements")),
    MenuItem("/approvals", "check", N_("Approve"), Action.APPROVE),
    MenuItem("/units", "pole", N_("Places")),
)
DAILY = (
    MenuItem("/calendar", "calendar", N_("Calendar")),
    MenuItem("/emergency", "warning", N_("Emergency"), Action.WRITE),
    MenuItem("/cap-sources", "chat", N_("Alerts of others")),
    MenuItem("/airings/stop", "stop", N_("Stop what sounds"), Action.WITHDRAW),
    MenuItem("/drill", "ring", N_("Drill"), Action.WRITE),
    MenuItem("/standing-in", "person", N_("People needed to speak")),
    MenuItem("/share", "chat", N_("To be forwarded")),
    MenuItem("/collisions", "half", N_("Airings that meet")),
    MenuItem("/feedback", "chat", N_("What residents say")),
)
PLACES = (
    MenuItem("/speakers", "speaker", N_("Loudspeakers")),
    MenuItem("/groups", "list", N_("Groups of loudspeakers")),
)
READY = (
    MenuItem("/templates", "list", N_("Templates"), Action.WRITE),
    MenuItem("/dictionary", "book", N_("The dictionary"), Action.WRITE),
    MenuItem("/timetables", "clock", N_("Read in a timetable"), Action.WRITE),
    MenuItem("/voices", "wave", N_("Voice bank")),
    MenuItem("/channels", "chat", N_("Chat groups"), Action.TEND_CHANNELS),
    MenuItem("/official-accounts", "chat", N_("Official Accounts of Zalo"), Action.TEND_CHANNELS),
)
MANAGE = (
    MenuItem("/start", "check", N_("First steps"), Action.TEND_UNITS),
    MenuItem("/people", "person", N_("People"), Action.TEND_PEOPLE),
    MenuItem("/province", "list", N_("Side by side")),
    MenuItem("/reports", "book", N_("Monthly report")),
    MenuItem("/exports", "down", N_("Excel and CSV files")),
    MenuItem("/audit", "book", N_("Log book"), Action.SEE_AUDIT),
)
MINE = (MenuItem("/me", "person", N_("My account")),)
MORE = (
    MenuSection(N_("Every day"), DAILY),
    MenuSection(N_("Loudspeakers and villages"), PLACES),
    MenuSection(N_("Kept ready"), READY),
    MenuSection(N_("Manage"), MANAGE),
    MenuSection(N_("Myself"), MINE),
)


def tabs(me: Actor | None, path: str, waiting: int = 0) -> list[MenuItem]:
    """What is always in sight, and how much waits there."""
    return [
        replace(item, count=waiting if item.action is Action.APPROVE else 0)
        for item in _marked(MENU, me, _here(MENU, me, path))
    ]


def sections(me: Actor | None, path: str) -> list[MenuSection]:
    """All other pages this person may open."""
    here = _here(tuple(item for section in MORE for item in section.items), me, path)
    shown = [replace(section, items=tuple(_marked(section.items, me, here))) for section in MORE]
    return [section for section in shown if section.items]


def _allowed(items: tuple[MenuItem, ...], me: Actor | None) -> list[MenuItem]:
    return [item for item in items if me and units_of(me.grants, item.action)]


def _here(items: tuple[MenuItem, ...], me: Actor | None, path: str) -> str:
    return max((item.href for item in _allowed(items, me) if _inside(path, item.href)), key=len, default="")


def _marked(items: tuple[MenuItem, ...], me: Actor | None, here: str) -> list[MenuItem]:
    return [replace(item, here=item.href == here) for item in _allowed(items, me)]


def _inside(path: str, href: str) -> bool:
    return path == href or (href != "/" and path.startswith(f"{href}/"))
