"""A month's report as a workbook: the same figures, with charts that Excel draws itself."""

import io
from collections.abc import Sequence
from typing import Any

from openpyxl import Workbook
from openpyxl.chart import BarChart, Reference
from openpyxl.styles import Font
from openpyxl.utils import get_column_letter

from broadcaster.domain.comparing import Share
from broadcaster.web.i18n import language_name, say
from broadcaster.web.labels import CATEGORY, KLASS, N_, VOICE, label
from broadcaster.web.sheets import Cell, clean
from broadcaster.web.shown.report import Report, Sums

FIGURES = N_("In figures")
SUBJECTS, LANGUAGES, DAYS = N_("Subjects"), N_("Languages"), N_("Day by day")
SAID, OTHER = N_("What was said"), N_("Drills, exceptions")
RESIDENTS = N_("What residents said")
MINUTES, BEFORE, TIMES = N_("Minutes"), N_("Month before"), N_("Times on the air")
ANNOUNCEMENTS, DUE, HEARD, PERCENT = (
    N_("Announcements"),
    N_("Due on loudspeakers"),
    N_("Heard on loudspeakers"),
    N_("Heard, %"),
)
NAMED: Sequence[str] = (
    N_("announcements"),
    N_("times on the air"),
    N_("minutes on the air"),
    N_("sessions"),
    N_("due on loudspeakers"),
    N_("heard on loudspeakers"),
    N_("heard, of all that was due, %"),
    N_("people live where it was heard"),
    N_("loudspeakers ready when needed, %"),
    N_("emergencies"),
    N_("drills"),
    N_("exceptions to the hours"),
)


def report_book(it: Report, language: str) -> bytes:
    """The workbook's bytes."""
    book = _Book(language)
    month = it.month.first.strftime("%m/%Y")
    figures = zip(NAMED, _figures(it.sums), _figures(it.before), strict=True)
    told = [(say(language, name), now, before) for name, now, before in figures]
    told += [
        (f"{say(language, RESIDENTS)}: {say(language, VOICE[what].text)}", count, it.before.voices[what])
        for what, count in it.sums.voices.items()
    ]
    book.sheet(FIGURES, (f"{it.name}, {month}", month, say(language, BEFORE)), told)
    book.subjects(it)
    book.languages(it)
    book.days(it)
    book.said(it)
    book.other(it)
    return book.bytes()


def _figures(sums: Sums) -> Sequence[Cell]:
    heard = sums.all.heard
    said = (sums.all.announcements, sums.all.airings, sums.all.minutes, sums.sessions)
    rest = (sums.emergencies, sums.drills, sums.exceptions)
    return (*said, heard.whole, heard.part, heard.percent, sums.reached.people, sums.answered.percent, *rest)


class _Book:
    """A workbook in one language."""

    def __init__(self, language: str) -> None:
        self._language = language
        self._book = Workbook()
        self._book.remove(self._book.worksheets[0])

    def bytes(self) -> bytes:
        """The file."""
        file = io.BytesIO()
        self._book.save(file)
        return file.getvalue()

    def sheet(self, title: str, head: Sequence[str], rows: Sequence[Sequence[Cell]]) -> Any:  # noqa: ANN401  (openpyxl's)
        """One sheet with a bold first row; text is text, whatever it begins with."""
        sheet = self._book.create_sheet(say(self._language, title)[:31])
        for number, row in enumerate((head, *rows), start=1):
            for column, value in enumerate(row, start=1):
                cell = sheet.cell(number, column, clean(value) if isinstance(value, str) else value)
                if isinstance(value, str):
                    cell.data_type = "s"
                if number == 1:
                    cell.font = Font(bold=True)
        for column in range(1, len(head) + 1):
            longest = max(len(str(row[column - 1])) for row in (head, *rows))
            sheet.column_dimensions[get_column_letter(column)].width = min(60, max(12, longest + 2))
        sheet.freeze_panes = "A2"
        return sheet

    def subjects(self, it: Report) -> None:
        """Minutes by subject beside the month before, drawn."""
        before = {one.key: one.minutes for one in it.before.categories}
        rows = [
            (
                self._say(CATEGORY.get(one.key, one.key)),
                one.minutes,
                before.get(one.key, 0.0),
                one.announcements,
                one.airings,
                *_share(one.heard),
            )
            for one in it.sums.categories
        ]
        head = self._words(N_("Subject"), MINUTES, BEFORE, ANNOUNCEMENTS, TIMES, DUE, HEARD, PERCENT)
        self._draw(self.sheet(SUBJECTS, head, rows), N_("Minutes on the air by subject"), len(rows), columns=2)

    def languages(self, it: Report) -> None:
        """How often each language was on the air, drawn."""
        rows = [
            (language_name(self._language, one.key), one.airings, one.announcements, one.heard.part)
            for one in it.sums.languages
        ]
        head = self._words(N_("Language"), TIMES, ANNOUNCEMENTS, HEARD)
        self._draw(self.sheet(LANGUAGES, head, rows), LANGUAGES, len(rows))

    def days(self, it: Report) -> None:
        """Minutes day by day, drawn."""
        rows = [(f"{one.key[8:]}/{one.key[5:7]}", one.minutes, one.airings, *_share(one.heard)) for one in it.days]
        head = self._words(N_("Day"), MINUTES, TIMES, DUE, HEARD, PERCENT)
        sheet = self.sheet(DAYS, head, rows)
        self._draw(sheet, N_("Minutes on the air, day by day"), len(rows), across=False)

    def said(self, it: Report) -> None:
        """Every announcement that sounded."""
        rows = [
            (
                one.title,
                self._say(label(KLASS, one.klass).text),
                self._say(CATEGORY.get(one.category, one.category)),
                ", ".join(language_name(self._language, tag) for tag in one.languages),
                it.local(one.first),
                one.sum.airings,
                one.sum.minutes,
                *_share(one.sum.heard),
                one.people,
            )
            for one in it.spoken
        ]
        first = (N_("Announcement"), N_("Class"), N_("Subject"), LANGUAGES, N_("First on the air"), TIMES, MINUTES)
        self.sheet(SAID, self._words(*first, DUE, HEARD, PERCENT, N_("People living there")), rows)

    def other(self, it: Report) -> None:
        """Drills, and exceptions to the hours."""
        drills = [
            (self._say(N_("Drill")), one.title, it.local(one.at), "", one.sounded.whole, one.sounded.part, "", "")
            for one in it.drills
        ]
        exceptions = [
            (*named, "", "", one.reason, f"{one.asked_by} / {one.decided_by}")
            for one in it.exceptions
            for named in [(self._say(N_("Exception")), one.title, it.local(one.starts), it.local(one.ends))]
        ]
        what = (N_("What kind"), N_("Name"), N_("From"), N_("Until"))
        head = self._words(*what, DUE, N_("Sounded"), N_("Reason"), N_("Who"))
        self.sheet(OTHER, head, [*drills, *exceptions])

    def _draw(self, sheet: Any, title: str, rows: int, *, columns: int = 1, across: bool = True) -> None:  # noqa: ANN401
        if not rows:
            return
        chart = BarChart()
        chart.type = "bar" if across else "col"
        chart.title = self._say(title)
        chart.add_data(
            Reference(sheet, min_col=2, max_col=1 + columns, min_row=1, max_row=rows + 1), titles_from_data=True
        )
        chart.set_categories(Reference(sheet, min_col=1, min_row=2, max_row=rows + 1))
        chart.x_axis.delete = chart.y_axis.delete = False
        if across:
            # The first line of the table on top, as it is read.
            chart.x_axis.scaling.orientation, chart.y_axis.crosses = "maxMin", "max"
        if columns == 1:
            chart.legend = None
        chart.width, chart.height = 24, max(8, rows * 1.1 + 3) if across else 10
        sheet.add_chart(chart, f"{get_column_letter(sheet.max_column + 2)}2")

    def _words(self, *words: str) -> Sequence[str]:
        return [self._say(word) for word in words]

    def _say(self, word: str) -> str:
        return say(self._language, word)


def _share(share: Share) -> tuple[int, int, int | None]:
    return share.whole, share.part, share.percent
