"""What a voice bank begins with: phrases and sentences a village often needs, in Vietnamese, for whoever records them.

A speaker of the language says the meaning in their own words; nothing is translated by a machine.
"""

from collections.abc import Iterator, Mapping

PHRASES: Mapping[str, str] = {
    "attention": "Kính mời bà con chú ý lắng nghe thông báo.",
    "thanks": "Xin cảm ơn bà con.",
    "at": "vào lúc",
    "on": "vào",
    "from": "từ",
    "until": "đến",
    "in": "ở",
    "meeting": "Mời bà con đi họp",
    "at-culture-house": "tại nhà văn hoá của bản",
    "at-committee": "tại trụ sở Uỷ ban nhân dân xã",
    "at-health-station": "tại trạm y tế xã",
    "vaccination": "Mời các gia đình đưa con nhỏ đi tiêm chủng",
    "under-age": "cho trẻ em dưới",
    "years": "tuổi",
    "health-book": "Nhớ mang theo sổ tiêm chủng.",
    "power-cut": "Sẽ cắt điện để sửa chữa",
    "water-cut": "Sẽ ngừng cấp nước",
    "store-water": "Bà con lấy nước dự trữ trước.",
    "market-day": "Chợ phiên sẽ họp",
    "welfare": "Mời các gia đình có tên trong danh sách đến nhận tiền hỗ trợ",
    "bring-card": "Nhớ mang theo căn cước.",
    "school-closed": "Học sinh được nghỉ học",
    "work-day": "Mời mỗi nhà một người tham gia dọn vệ sinh đường làng",
    "storm": "Bão sắp đến. Bà con chằng chống nhà cửa, đưa trâu bò về chuồng, không đi qua sông suối.",
    "flash-flood": "Có nguy cơ lũ quét và sạt lở đất. Bà con ở gần suối và dưới chân núi hãy đến nơi cao, an toàn.",
    "forest-fire": "Nguy cơ cháy rừng rất cao. Không đốt nương, không mang lửa vào rừng.",
    "cold": "Trời rét đậm. Giữ ấm cho người già, trẻ em, và che chắn chuồng trâu bò.",
    "animal-disease": "Có dịch bệnh ở gia súc. Không mua bán, không mổ con vật ốm; báo ngay cho cán bộ thú y.",
    "follow-officials": "Bà con làm theo hướng dẫn của cán bộ xã và trưởng bản.",
}
PATTERNS: Mapping[str, tuple[str, str]] = {
    "meeting": ("Họp bản", "attention meeting at-culture-house {place:place} at {time:time} {date:date} thanks"),
    "vaccination": (
        "Tiêm chủng",
        "attention vaccination under-age {age:number} years at-health-station at {time:time} {date:date} health-book",
    ),
    "power-cut": ("Cắt điện", "attention power-cut in {place:place} from {start:time} until {end:time} {date:date}"),
    "water-cut": (
        "Ngừng cấp nước",
        "attention water-cut in {place:place} from {start:time} until {end:time} {date:date} store-water",
    ),
    "market-day": ("Chợ phiên", "attention market-day in {place:place} on {date:date} from {time:time} thanks"),
    "welfare": (
        "Nhận tiền hỗ trợ",
        "attention welfare at-committee at {time:time} {date:date} bring-card thanks",
    ),
    "school-closed": ("Nghỉ học", "attention school-closed from {start:date} until {end:date}"),
    "work-day": ("Vệ sinh đường làng", "attention work-day in {place:place} at {time:time} {date:date} thanks"),
    "storm": ("Tin bão", "attention storm follow-officials"),
    "flash-flood": ("Lũ quét, sạt lở đất", "attention in {place:place} flash-flood follow-officials"),
    "forest-fire": ("Phòng cháy rừng", "attention forest-fire follow-officials"),
    "cold": ("Rét đậm, rét hại", "attention cold"),
    "animal-disease": ("Dịch bệnh gia súc", "attention in {place:place} animal-disease follow-officials"),
}
"""Key → what it is for, and its order of phrases and {slot:kind}."""


_VALUES: Mapping[str, tuple[range, str]] = {
    "hour": (range(24), "{} giờ"),
    "minute": (range(5, 60, 5), "{} phút"),
    "day": (range(1, 32), "ngày {}"),
    "month": (range(1, 13), "tháng {}"),
    "number": (range(1, 21), "{}"),
}


def values() -> Iterator[tuple[str, str, str]]:
    """Kind, key and meaning of every value that is recorded from the beginning."""
    yield from ((kind, str(each), meaning(kind, str(each))) for kind, (every, _) in _VALUES.items() for each in every)


def meaning(kind: str, key: str) -> str:
    """What a value says, in Vietnamese: "17 giờ"; of anything else its name."""
    return _VALUES[kind][1].format(key) if kind in _VALUES else key


def parts(order: str) -> list[dict[str, str]]:
    """The order of a sentence as it is stored: {"phrase": key} and {"slot": name, "kind": kind}."""
    return [_part(word) for word in order.split()]


def _part(word: str) -> dict[str, str]:
    if not word.startswith("{"):
        return {"phrase": word}
    name, _, kind = word[1:-1].partition(":")
    return {"slot": name, "kind": kind}
