"""The two texts that are ready before an alert may leave: that it was wrong, and that it is over."""

from collections.abc import Iterable, Mapping
from enum import StrEnum
from types import MappingProxyType

from broadcaster.domain.announcement import LONGEST_TITLE


class Part(StrEnum):
    """What is written, approved and stored on the speakers together with an alert."""

    CORRECTION = "correction"
    """The alert was wrong."""
    ALL_CLEAR = "all_clear"
    """The alert was right, and the danger is over."""


TITLES: Mapping[Part, str] = MappingProxyType({Part.CORRECTION: "Đính chính: ", Part.ALL_CLEAR: "Hết khẩn cấp: "})

CORRECTIONS: Mapping[str, str] = MappingProxyType(
    {
        "vi": "Đính chính. Đính chính. Thông báo khẩn cấp: {title}, là thông báo phát nhầm. "
        "Bà con không phải làm theo. Xin nhắc lại: thông báo khẩn cấp vừa phát là phát nhầm. Đề nghị bà con bình tĩnh. "
        "Chính quyền địa phương xin lỗi bà con.",
        "en": "Correction. Correction. The emergency announcement “{title}” was sent by mistake. You do not need to do "
        "what it said. We repeat: the emergency announcement was sent by mistake. Please stay calm. We apologise.",
        "fr": "Rectification. Rectification. L’annonce d’urgence « {title} » a été diffusée par erreur. Ne suivez pas "
        "ses consignes. Nous répétons : l’annonce d’urgence a été diffusée par erreur. Restez calmes. "
        "Veuillez nous excuser.",
    }
)
ALL_CLEARS: Mapping[str, str] = MappingProxyType(
    {
        "vi": "Thông báo hết khẩn cấp. {title}: nay tình hình đã an toàn. Bà con có thể trở lại sinh hoạt bình thường. "
        "Ai còn cần giúp đỡ, xin báo cho trưởng thôn, trưởng bản. Cảm ơn bà con đã phối hợp.",
        "en": "The emergency is over. {title}: it is safe now. You may return to your usual activities. "
        "If you still need help, tell your village head. Thank you for your cooperation.",
        "fr": "Fin de l’urgence. {title} : la situation est de nouveau sûre. Vous pouvez reprendre vos activités "
        "habituelles. Si vous avez encore besoin d’aide, prévenez le chef du village. Merci de votre coopération.",
    }
)
LANGUAGES = tuple(CORRECTIONS)


def texts(title: str, language: str) -> tuple[str, str]:
    """The correction and the all-clear of an alert with this title; raises KeyError for a language not in LANGUAGES."""
    named = title.strip().rstrip(".!… ")
    return CORRECTIONS[language].format(title=named), ALL_CLEARS[language].format(title=named)


def spoken_in(languages: Iterable[str]) -> tuple[str, ...]:
    """The languages of an alert in which the two can be worded here; Vietnamese where there is none."""
    return tuple(language for language in languages if language in LANGUAGES) or ("vi",)


def title_of(part: Part, title: str) -> str:
    """What the part is called in lists."""
    return (TITLES[part] + title)[:LONGEST_TITLE]
