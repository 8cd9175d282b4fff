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
    N_("Facebook page"),
    N_("Access token of the page"),
    N_("Id of the page"),
    N_("Address of the Facebook Graph API"),
    N_("Facebook knows the page “%(page)s” and takes this token."),
    N_("Facebook does not take this page: %(detail)s (%(code)s)."),
    N_("the id of a page is a number"),
    N_("SMS gateway"),
    N_("What is posted: JSON or a form, with {phone} or {phones}, {text}, {id}, {secret}"),
    N_("Phone numbers, with commas between them"),
    N_("Key of the gateway"),
    N_("One more header, such as Authorization: Bearer {secret}"),
    N_("Where the answer says yes, such as CodeResult"),
    N_("What stands there then, such as 100"),
    N_("Where the answer names the message, such as SMSID"),
    N_("Keep the marks on letters (yes or no): three times as many parts"),
    N_("The gateway does not answer: %(detail)s (%(code)s)."),
    N_("The gateway answers (%(code)s). Whether it takes messages only a test message shows."),
    N_("the body is neither JSON nor a form such as to={phone}&text={text}"),
    N_("the body may hold {phone}, {phones}, {text}, {id} and {secret}"),
    N_("the body needs {text} and either {phone} or {phones}"),
    N_("the list of phones holds something that is no number; put commas between them"),
    N_("where the answer says yes and what stands there then go together"),
    N_("a header has the form Name: value"),
    N_("Another service (Apprise)"),
    N_("Apprise address of one target"),
    N_("This is an address of %(service)s. Whether it takes messages only a test message shows."),
    N_("apprise does not know this kind of address, or something is missing in it"),
    N_("one address is one target; add a group for each"),
    N_("this address is not encrypted; take the kind that is, such as jsons:// for json://"),
)
