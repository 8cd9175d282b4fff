"""The page on the speaker's hotspot, in words: Vietnamese, readable on a phone, without a script."""

import html
from dataclasses import dataclass
from datetime import datetime
from string import Template
from zoneinfo import ZoneInfo

from firmware_config.protocol import Manifest

TAKEN = "Đã nhận tệp. Loa đang kiểm tra, khoảng nửa phút nữa hãy tải lại trang này."
NO_FILE = "Chưa nhận được tệp. Hãy chọn tệp .zip tải từ trang quản lý rồi gửi lại."
BROKEN = "Tệp không đúng hoặc bị hỏng trên đường gửi. Hãy tải lại tệp từ trang quản lý rồi gửi lại."
TOO_LARGE = "Tệp quá lớn so với chỗ trống còn lại trên loa."
NO_RECEIPTS = "Chưa có báo cáo nào để tải về. Hãy thử lại sau một phút."
OLDER = "Tệp gửi lần trước cũ hơn lịch loa đang có, nên loa không dùng."
REFUSED = "Loa không nhận tệp gửi lần trước: tệp không phải của loa này hoặc không do hệ thống ký."
KEPT = "Loa đã dùng tệp gửi lần trước."
NO_PLAN = "Loa chưa có lịch phát nào."


@dataclass(frozen=True, slots=True)
class Status:
    """What the page says of the speaker."""

    name: str
    plan: str
    """Until when it is planned, in words."""
    waiting: int
    """Receipts that nobody has confirmed."""
    upload: str = ""
    """What became of the last file."""


def plan_words(manifest: Manifest | None) -> str:
    """Until when it is planned, on the clock of its village."""
    last = max((item.start for item in manifest.items if not item.standby), default=None) if manifest else None
    if manifest is None or last is None:
        return NO_PLAN
    at = datetime.fromtimestamp(last / 1000, ZoneInfo(manifest.rules[-1].zone))
    return f"Loa đã có lịch phát đến {at:%H:%M} ngày {at:%d/%m/%Y}."


def page(status: Status, said: str, *, good: bool) -> str:
    """The page in Vietnamese, readable on a phone, without a script."""
    note = f'<p role="status" class="{"good" if good else "bad"}">{html.escape(said)}</p>' if said else ""
    last = f"<p>{html.escape(status.upload)}</p>" if status.upload else ""
    return _PAGE.substitute(
        name=html.escape(status.name), plan=html.escape(status.plan), waiting=status.waiting, note=note, last=last
    )


_PAGE = Template("""<!doctype html>
<html lang="vi"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>$name</title><style>
:root { color-scheme: light dark }
body { font: 1.125rem/1.5 system-ui, sans-serif; margin: 0 auto; max-width: 34rem; padding: 1rem }
h1 { font-size: 1.5rem } h2 { font-size: 1.25rem; margin: 2rem 0 .5rem }
section { border-top: 1px solid #8888 }
input, button, a.button { box-sizing: border-box; display: block; font: inherit; margin: .75rem 0;
  min-height: 3rem; width: 100% }
button, a.button { background: #0b5c3b; border: 0; border-radius: .5rem; color: #fff; font-weight: 600;
  padding: .75rem; text-align: center; text-decoration: none }
.good, .bad { border-left: .4rem solid #0b5c3b; padding: .5rem .75rem } .bad { border-color: #b3261e }
</style></head><body>
<h1>$name</h1>
$note
<p>$plan</p>$last
<section><h2>1. Đưa nội dung phát vào loa</h2>
<p>Chọn tệp .zip đã tải từ trang của loa này trên hệ thống quản lý.</p>
<form method="post" action="/" enctype="multipart/form-data">
<input type="file" name="bundle" accept=".zip,application/zip" required aria-label="Tệp nội dung phát">
<button>Gửi vào loa</button></form></section>
<section><h2>2. Lấy báo cáo phát về</h2>
<p>Đang chờ gửi về: <strong>$waiting</strong> báo cáo. Tải tệp này về điện thoại; khi có mạng, nộp lên trang
của loa này trên hệ thống quản lý.</p>
<a class="button" href="/receipts.zip">Tải báo cáo về điện thoại</a></section>
</body></html>
""")
