"""The annex to a commune's decision: its rules of the air in Vietnamese, line by line, each with what it means."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from broadcaster.domain.rules.lines import HOLIDAYS, volume_words
from broadcaster.domain.rules.words import window_words, windows_words
from firmware_config.protocol import Hours, Rules

VI = "vi"


@dataclass(frozen=True, slots=True)
class Clause:
    """One line: what it is about, what is decided, and what loudspeakers and people then do."""

    subject: str
    says: tuple[str, ...]
    means: str


@dataclass(frozen=True, slots=True)
class QuietSite:
    """A school or a clinic as the annex names it."""

    name: str
    radius_m: int | None
    windows: Sequence[Hours]


def clauses(rules: Rules, sites: Iterable[QuietSite], subjects: Mapping[str, str]) -> list[Clause]:
    """All lines in order; `subjects` are the names of the categories."""
    return [
        Clause(
            "Giờ phát",
            tuple(window_words(one, VI) for one in rules.hours),
            "Loa chỉ phát khi toàn bộ bản tin nằm trọn trong các khung giờ này. Ngoài giờ, hệ thống không nhận lịch"
            " và từng loa tự từ chối phát.",
        ),
        Clause("Số buổi, thời lượng", _limits(rules), "Các bản tin phát nối tiếp nhau không quá một phút là một buổi."),
        Clause(
            "Ngày nghỉ, ngày lễ",
            (f"Ngày lễ, Tết: {HOLIDAYS[rules.holidays][VI]}.",),
            "Áp dụng cho ngày nghỉ lễ, Tết theo lịch nghỉ hằng năm.",
        ),
        Clause("Âm lượng", (f"{volume_words(rules, VI).capitalize()}.",), "Loa tự giữ âm lượng không vượt mức này."),
        Clause(
            "Trường học, cơ sở y tế",
            tuple(map(_site, sites)) or ("Không có điểm nào.",),
            "Trong các giờ này, loa ở gần giữ yên lặng.",
        ),
        Clause("Lĩnh vực nội dung", (_subjects(rules, subjects),), "Bản tin thuộc lĩnh vực khác không được phát."),
        Clause(
            "Phát ngoài quy định",
            ("Từng bản tin, có lý do, tối đa 12 giờ.",),
            "Một người đề nghị, một người khác có thẩm quyền đồng ý; ghi nhật ký và hiện rõ trên hệ thống.",
        ),
        Clause(
            "Tin khẩn cấp",
            ("Phát ngay, mọi giờ, không giới hạn âm lượng.",),
            "Phải có hai người xác nhận; bản đính chính và tin hết khẩn cấp được chuẩn bị trước.",
        ),
    ]


def _limits(rules: Rules) -> tuple[str, ...]:
    known = (
        ("Không quá {} buổi một ngày", rules.sessions_day),
        ("Mỗi buổi không quá {} phút", rules.session_minutes),
        ("Tổng cộng không quá {} phút một ngày", rules.day_minutes),
        ("Giữa hai buổi nghỉ ít nhất {} phút", rules.pause_minutes),
    )
    return tuple(text.format(number) for text, number in known if number) or ("Không giới hạn riêng.",)


def _site(site: QuietSite) -> str:
    where = f" (loa trong vòng {site.radius_m} m)" if site.radius_m else ""
    return f"{site.name}{where}: {windows_words(site.windows, VI)}"


def _subjects(rules: Rules, subjects: Mapping[str, str]) -> str:
    if not rules.categories:
        return "Mọi lĩnh vực."
    return "; ".join(subjects.get(one, one) for one in rules.categories) + "."
