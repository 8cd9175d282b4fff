"""The console's pages, as each of the cast meets them."""

import pytest

from tests.web.house import House

pytestmark = pytest.mark.pages


def test_every_page_opens_for_the_approver(house: House) -> None:
    browser = house.browser(house.cast.approver)
    for path in (
        "/",
        "/announcements",
        "/announcements/new",
        "/approvals",
        "/speakers",
        "/audit",
        "/problems",
        "/dev/components",
    ):
        answer = browser.get(path)
        assert answer.status_code == 200, (path, answer.text)
        assert '<html lang="vi">' in answer.text
