"""The languages announcements are made in: BCP 47 tags, what they are called, and whether a machine can read them."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from broadcaster.domain.errors import UnknownLanguage


@dataclass(frozen=True, slots=True)
class Language:
    """A language people are spoken to in."""

    tag: str
    vi: str
    en: str
    fr: str
    own: str
    """What its speakers call it."""
    voice: bool = False
    """Whether a machine can read it; where not, it is recorded and reviewed by people who speak it."""

    def name(self, reader: str) -> str:
        """What it is called in the reader's language: vi, en or fr."""
        return {"en": self.en, "fr": self.fr}.get(reader, self.vi)


# Tags by ISO 639: two letters where there are two, else three.
_ALL = (
    Language("vi", "Tiếng Việt", "Vietnamese", "Vietnamien", "Tiếng Việt", voice=True),
    Language("hmn", "Tiếng H’Mông", "H’Mông", "Hmong", "Hmoob"),
    Language("ium", "Tiếng Dao", "Dao", "Dao (iu mien)", "Iu Mienh"),
    Language("pcc", "Tiếng Giáy", "Giáy", "Giáy", "Giáy"),
    Language("tyz", "Tiếng Tày", "Tày", "Tày", "Tày"),
    Language("blt", "Tiếng Thái", "Thái", "Thaï (tai dam)", "Tày Đăm"),
    Language("nut", "Tiếng Nùng", "Nùng", "Nùng", "Nùng"),
    Language("mtq", "Tiếng Mường", "Mường", "Mường", "Mường"),
    Language("kjg", "Tiếng Khơ Mú", "Khơ Mú", "Khmu", "Kmhmu’"),
    Language("km", "Tiếng Khmer", "Khmer", "Khmer", "ខ្មែរ"),
    Language("rad", "Tiếng Ê Đê", "Ê Đê", "Édé (rhadé)", "Êđê"),
    Language("jra", "Tiếng Gia Rai", "Gia Rai", "Jaraï", "Jrai"),
    Language("bdq", "Tiếng Ba Na", "Ba Na", "Bahnar", "Bahnar"),
    Language("cjm", "Tiếng Chăm", "Chăm", "Cham", "Cam"),
    Language("sed", "Tiếng Xơ Đăng", "Xơ Đăng", "Sedang", "Xơ Đăng"),
    Language("kpm", "Tiếng K’Ho", "K’Ho", "Koho", "Kơho"),
    Language("hre", "Tiếng Hrê", "Hrê", "Hrê", "Hrê"),
    Language("cmo", "Tiếng Mnông", "Mnông", "Mnong", "Mnông"),
    Language("rog", "Tiếng Ra Glai", "Ra Glai", "Raglaï", "Ra Glai"),
    Language("bru", "Tiếng Bru – Vân Kiều", "Bru – Vân Kiều", "Bru", "Bru"),
    Language("ktv", "Tiếng Cơ Tu", "Cơ Tu", "Katu", "Cơ Tu"),
    Language("en", "Tiếng Anh", "English", "Anglais", "English", voice=True),
    Language("fr", "Tiếng Pháp", "French", "Français", "Français", voice=True),
)
LANGUAGES: Mapping[str, Language] = {each.tag: each for each in _ALL}
"""By tag, in the order in which they are offered."""


def find(tag: str) -> Language | None:
    """The language of a tag, whose region or variant does not matter: "vi" for "vi-VN"; None for none of ours."""
    return LANGUAGES.get(tag) or LANGUAGES.get(tag.partition("-")[0])


def require(tag: str) -> Language:
    """The same; raises UnknownLanguage."""
    found = find(tag)
    if found is None:
        raise UnknownLanguage(tag=tag[:40])
    return found


def require_all(tags: Iterable[str]) -> list[str]:
    """The tags, each once, in their order; raises UnknownLanguage."""
    wanted = list(dict.fromkeys(tags))
    for tag in wanted:
        require(tag)
    return wanted


def has_voice(tag: str) -> bool:
    """Whether a machine can read it aloud."""
    found = find(tag)
    return found is not None and found.voice


def ordered(first: Iterable[str]) -> list[Language]:
    """All of them, a unit's own before the others."""
    own = [language for language in map(find, first) if language]
    return list(dict.fromkeys([*own, *LANGUAGES.values()]))
