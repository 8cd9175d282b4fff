"""Copies that several tests send."""

from dataclasses import replace
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from broadcaster.domain.mirror import Action, Copy, Text
from firmware_config.protocol import Kind, Klass

LINK = "https://loa.example.vn/n/k7m2q9xw4t"
AT = datetime(2026, 11, 25, 17, 0, tzinfo=ZoneInfo("Asia/Ho_Chi_Minh"))

POWER_CUT = Copy(
    id="copy-1",
    action=Action.POST,
    announcement="k7m2q9xw4t",
    revision=1,
    klass=Klass.NORMAL,
    kind=Kind.LIVE,
    title="Lịch cắt điện bản Chiềng Đông 1",
    texts=(
        Text("vi", "Điện lực Yên Châu tạm ngừng cấp điện từ 7 giờ 30 đến 11 giờ 00 ngày 26/11/2026. Bà con chú ý."),
        Text("en", "The power is off from 7:30 to 11:00 on 26 November 2026."),
    ),
    place="Bản Chiềng Đông 1",
    airs_at=AT,
    link=LINK,
)


def copy(**changes: Any) -> Copy:
    """The power cut with some fields changed."""
    return replace(POWER_CUT, **changes)
