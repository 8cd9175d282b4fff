"""What telegram, facebook_page, sms_gateway and apprise call themselves and answer, for the catalogues."""

from broadcaster.web.labels import N_

WORDS = (
    N_("Telegram group"),
    N_("Address of the Telegram Bot API"),
    N_(
        "Telegram was ordered blocked in Viet Nam in May 2025, and not every network lets it through since. "
        "A new group is therefore switched off until you switch it on."
    ),
    N_("Telegram does not take this bot: %(detail)s (%(code)s)."),
    N_("The bot %(bot)s answers, but may not write in this group: %(detail)s (%(code)s)."),
    N_("The bot %(bot)s may write in “%(group)s”."),
)
