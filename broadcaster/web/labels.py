"""How each state is shown: a word, a drawing and a tone; never colour alone."""

from dataclasses import dataclass

from broadcaster.domain.languages import LANGUAGES


def N_(text: str) -> str:  # noqa: N802  (gettext's own name for "translate later")
    """Marks a text for the catalogues; it is translated where it is shown."""
    return text


@dataclass(frozen=True, slots=True)
class Label:
    """`tone` is one of ok, busy, wait, bad, off."""

    text: str
    icon: str
    tone: str


ANNOUNCEMENT = {
    "draft": Label(N_("Draft"), "pencil", "off"),
    "submitted": Label(N_("Waiting for approval"), "clock", "wait"),
    "approved": Label(N_("Approved"), "check", "ok"),
    "rejected": Label(N_("Sent back"), "back", "bad"),
    "withdrawn": Label(N_("Withdrawn"), "stop", "off"),
    "expired": Label(N_("No longer valid"), "ring", "off"),
}

AIRING = {
    "planned": Label(N_("Planned"), "clock", "wait"),
    "on_air": Label(N_("On air"), "wave", "busy"),
    "done": Label(N_("Finished"), "check", "ok"),
    "cancelled": Label(N_("Cancelled"), "stop", "off"),
    "missed": Label(N_("Not played"), "warning", "bad"),
    "refused": Label(N_("Not allowed there then"), "cross", "bad"),
}

DELIVERY = {
    "planned": Label(N_("Not on the speaker yet"), "clock", "off"),
    "stored": Label(N_("On the speaker"), "down", "wait"),
    "armed": Label(N_("Ready to play"), "ring", "wait"),
    "started": Label(N_("Playing"), "wave", "busy"),
    "finished": Label(N_("Played to the end"), "check", "ok"),
    "heard": Label(N_("Sound confirmed"), "double", "ok"),
    "partial": Label(N_("Cut short"), "half", "bad"),
    "missed": Label(N_("Missed its time"), "warning", "bad"),
    "refused": Label(N_("Refused"), "cross", "bad"),
    "cancelled": Label(N_("Cancelled"), "stop", "off"),
}

VOICE = {
    "heard": Label(N_("Heard clearly"), "check", "ok"),
    "too_loud": Label(N_("Too loud"), "speaker", "wait"),
    "too_quiet": Label(N_("Too quiet"), "mute", "wait"),
    "not_understood": Label(N_("Not understood"), "question", "wait"),
    "wrong": Label(N_("What it said is wrong"), "warning", "bad"),
}

# How it stands with a person who is asked to speak for a silent loudspeaker.
STAND_IN = {
    "open": Label(N_("Asked, no answer yet"), "clock", "wait"),
    "escalated": Label(N_("No answer: call"), "warning", "bad"),
    "done": Label(N_("Said by a person"), "person", "busy"),
    "could_not": Label(N_("Could not be said"), "cross", "bad"),
    "not_needed": Label(N_("No longer needed"), "check", "off"),
    "withdrawn": Label(N_("Taken back"), "stop", "off"),
    "expired": Label(N_("Nobody answered in time"), "warning", "off"),
}
BY_PERSON = STAND_IN["done"]

COPY = {
    "queued": Label(N_("Waiting to be sent"), "clock", "wait"),
    "accepted": Label(N_("Sent to the group"), "check", "ok"),
    "delivered": Label(N_("Shown in the group"), "double", "ok"),
    "failed": Label(N_("Not sent"), "warning", "bad"),
    "unknown": Label(N_("Perhaps sent"), "half", "wait"),
}

# A group that no interface reaches.
CARRY = {
    "queued": Label(N_("Waits for a person to forward it"), "person", "wait"),
    "delivered": Label(N_("Forwarded"), "double", "ok"),
}

# What readers of an outlet find there, against what stands.
PARITY = {
    "same": Label(N_("Says what stands"), "check", "ok"),
    "coming": Label(N_("The present text is on its way"), "clock", "wait"),
    "unsure": Label(N_("Perhaps the present text"), "half", "wait"),
    "older": Label(N_("An older text stands there"), "warning", "bad"),
    "silent": Label(N_("Nothing of it stands there"), "ring", "off"),
}

KLASS = {
    "normal": Label(N_("Normal"), "speaker", "off"),
    "priority": Label(N_("Priority"), "wave", "busy"),
    "emergency": Label(N_("Emergency"), "warning", "bad"),
}

SPEAKER = {
    "online": Label(N_("Connected"), "check", "ok"),
    "offline": Label(N_("No connection"), "mute", "bad"),
    "new": Label(N_("Not switched on yet"), "clock", "off"),
    "revoked": Label(N_("Taken out of service"), "stop", "off"),
}

PRETENDS = Label(N_("Trial loudspeaker, not counted"), "ring", "off")

# What the word of a loudspeaker that it was heard rests on.
HEARD_BY = {
    "frames": Label(N_("Heard (sound frames)"), "double", "ok"),
    "loop": Label(N_("Heard (check loop)"), "double", "ok"),
}

# What became of an order to be silent.
HUSH = {
    "silent": Label(N_("Fell silent, signed"), "check", "ok"),
    "ended": Label(N_("Had come to its end"), "check", "ok"),
    "quiet": Label(N_("Nothing was sounding"), "ring", "off"),
    "waiting": Label(N_("No answer yet"), "clock", "wait"),
    "unreachable": Label(N_("Not connected"), "mute", "bad"),
}

# Why the rules of the air let nothing be heard.
BARRED = {
    "outside_hours": N_("outside the hours allowed there"),
    "holiday": N_("silent on public holidays"),
    "quiet_site": N_("quiet hours of a school or clinic nearby"),
    "category": N_("this subject is not aired there"),
    "session_length": N_("the session would be too long"),
    "sessions_spent": N_("all sessions of the day are taken"),
    "day_spent": N_("all minutes of the day are taken"),
    "pause": N_("too soon before or after another"),
}

# Why a loudspeaker fell off the ladder, as it says so itself or as we noted.
REASON = {
    "starts_used": N_("it was tried as often as it may be"),
    "too_late": N_("its time was over"),
    **BARRED,
    "interrupted": N_("it was interrupted"),
    "sink_failed": N_("the sound card failed"),
    "sink_stuck": N_("the sound card hung"),
    "too_quiet": N_("it was played, but too quietly"),
    "not_heard_back": N_("it was played, but the microphone there heard nothing of it"),
    "made_silent": N_("it was played to nowhere: the loudspeaker is set to silent"),
    "no_voice": N_("no voice could read it"),
    "unknown_sound_file": N_("the sound file cannot be read"),
    "decoder_failed": N_("the sound file cannot be read"),
    "decoder_short": N_("the sound file cannot be read"),
    "decoder_stalled": N_("the sound file cannot be read"),
    "data_budget": N_("its data for the month was spent, so the sound was not fetched"),
    "no_clip": N_("the sound did not arrive in time"),
    "no_announcement": N_("the words did not arrive in time"),
    "queued": N_("others were playing"),
    "late": N_("its time was over"),
    "expired": N_("it would have lasted beyond its validity"),
    "too_early": N_("its validity had not begun"),
    "acknowledged": N_("it was acknowledged there"),
    "not_needed": N_("it was not needed"),
    "language_missing": N_("a language was missing"),
    "no word": N_("no word from the loudspeaker"),
    "not_in_manifest": N_("it was taken off the programme"),
    "edited": N_("the announcement was changed"),
    "withdrawn": N_("the announcement was withdrawn"),
    "stopped": N_("it was stopped"),
    "hangs_elsewhere": N_("the loudspeaker hangs elsewhere now"),
    "replaced": N_("the box was replaced; the new one plays it"),
    "out_of_service": N_("the loudspeaker was taken out of service"),
}

ROLE = {
    "clerk": N_("clerk"),
    "approver": N_("approver"),
    "village_head": N_("village head"),
    "technician": N_("technician"),
    "province_monitor": N_("province monitor"),
    "owner": N_("owner"),
}

KIND = {"live": N_("For real"), "drill": N_("Drill"), "test": N_("Technical test")}

# What a commune must tell its people, after article 6 of Decree 49/2024.
CATEGORY = {
    "general": N_("General notice"),
    "land": N_("Land and construction"),
    "health": N_("Health and epidemics"),
    "weather": N_("Weather and disasters"),
    "security": N_("Public order"),
    "welfare": N_("Welfare and policies"),
    "farming": N_("Farming"),
    "culture": N_("Culture, school and sport"),
    "meeting": N_("Meetings"),
}

LANGUAGE = {tag: language.en for tag, language in LANGUAGES.items()}

# What the kinds of chat groups call themselves and their settings, and what they answer to a test.
CHANNEL = (
    N_("Signed webhook"),
    N_("Address to post to"),
    N_("Secret shared with the receiver"),
    N_("Zalo group (bot)"),
    N_("Bot token"),
    N_("Id of the group"),
    N_("Address of the Zalo Bot Platform"),
    N_("The receiver took a signed test."),
    N_("The receiver did not take a test: %(detail)s (%(code)s)."),
    N_("Zalo does not take this bot: %(detail)s (%(code)s)."),
    N_("The bot %(bot)s answers and may join groups."),
    N_("Forwarded by hand"),
    N_("A person forwards what is said and presses “Forwarded”."),
    N_("Matrix room"),
    N_("Address of the Matrix server"),
    N_("Id of the room"),
    N_("Access token"),
    N_("Matrix does not take this account: %(detail)s (%(code)s)."),
    N_("The account %(user)s is not in the room. Invite it there and let it accept."),
    N_("The room is encrypted; make one without encryption for announcements."),
    N_("The account %(user)s is in the room."),
    N_("the id of a room begins with !"),
    N_("E-mail list"),
    N_("Mail server"),
    N_("Port"),
    N_("Encryption (starttls or tls)"),
    N_("Address it is sent from"),
    N_("Sign-in name at the mail server"),
    N_("Password at the mail server"),
    N_("The mail server does not let us in: %(detail)s (%(code)s)."),
    N_("The mail server lets us in as %(user)s."),
    N_("the port is a number, usually 587 or 465"),
    N_("the encryption is starttls or tls"),
    N_("the mail server is a name such as mail.example.vn"),
    N_("it is sent from an e-mail address"),
    N_("the bot token has the form number:secret"),
    N_("the secret needs at least 16 bytes"),
    N_("the secret after whsec_ is not base64"),
    N_("the address cannot be read"),
    N_("the address must begin with https://"),
)

# What levels are called where they have the usual names; others are shown as they were entered.
LEVEL = {"province": N_("Province"), "commune": N_("Commune or ward"), "area": N_("Area"), "village": N_("Village")}

# A change of the tree: what is done, and how it stands.
CHANGE_KIND = {"merge": N_("Merge"), "split": N_("Split"), "rename": N_("Rename"), "move": N_("Move")}
CHANGE = {
    "waiting": Label(N_("Waits for its day"), "clock", "wait"),
    "done": Label(N_("Carried out"), "check", "ok"),
    "called_off": Label(N_("Called off"), "stop", "off"),
    "failed": Label(N_("Not carried out"), "warning", "bad"),
}

# What stands against a change of the tree.
TROUBLE = {
    "unit_unknown": N_("There is no such unit any more"),
    "unit_closed": N_("The unit has become part of another one"),
    "unit_too_few": N_("At least two units are needed"),
    "unit_nested": N_("One of the units lies within another of them"),
    "unit_no_name": N_("The new name is missing"),
    "unit_no_level": N_("It is not said of what kind the new unit is"),
    "unit_name_taken": N_("Another unit there is called so already"),
    "unit_id_taken": N_("A unit of that name was made meanwhile"),
    "unit_nothing": N_("Nothing would change"),
    "unit_cycle": N_("A unit cannot lie within itself"),
    "unit_empty_part": N_("One of the new units would have no village"),
    "unit_unplaced": N_("For this village it is not said where it goes"),
    "unit_loudspeakers": N_("Loudspeakers hang in the unit itself: hang them in one of its villages first"),
    "role_unanswered": N_("For some people it is not said what becomes of their role"),
    "role_nobody": N_("Nobody would look after the new unit: give somebody the role of owner for all of it"),
    "unit_not_allowed": N_("Whoever decided it may not do so any more"),
}

# Words that refusals carry as parameters.
WORDS = {
    **ROLE,
    **TROUBLE,
    **{state: label.text for table in (ANNOUNCEMENT, AIRING, DELIVERY) for state, label in table.items()},
    **CATEGORY,
    **{text: text for text in CHANNEL},
    "border_none": N_("no file was chosen"),
    "label": N_("label"),
    "border_json": N_("it cannot be read as JSON"),
    "border_kind": N_("it holds no Polygon and no MultiPolygon"),
    "border_ring": N_("a line of it is not closed, or is no line"),
    "border_earth": N_("its numbers are not degrees of longitude and latitude"),
    "border_points": N_("it has more than 50,000 points"),
    "reason": N_("Reason"),
    "at": N_("Day and hour, on the village clock"),
    "quiet_from": N_("Quiet hours, in which nothing is sent"),
    "per_minute": N_("At most so many messages a minute"),
    "posts_when": N_("When the first message goes out"),
    "sure": N_("I have listened to it; it is true and must be heard now."),
    "cancel": N_("Stop it"),
    "see": N_("see"),
    "edit": N_("edit"),
    "write": N_("write"),
    "submit": N_("send for approval"),
    "approve": N_("approve"),
    "reject": N_("send back"),
    "withdraw": N_("withdraw"),
    "air": N_("put on air"),
    "confirm": N_("confirm"),
    "see_audit": N_("read the log book"),
    "tend_units": N_("look after units"),
    "tend_speakers": N_("look after loudspeakers"),
    "tend_channels": N_("look after chat groups"),
    "tend_people": N_("look after people"),
    "enrol": N_("add a loudspeaker"),
    "announcement": N_("announcement"),
    "airing": N_("airing"),
    "speaker": N_("loudspeaker"),
    "unit": N_("unit"),
    "group": N_("group"),
    "clip": N_("clip"),
    "site": N_("school, clinic or other site"),
    "override": N_("exception"),
    "person": N_("person"),
    "deputy": N_("deputy"),
    "factor": N_("second factor"),
    "no_right": N_("no right to it"),
    "read_only": N_("the disk is read-only"),
    "not_there": N_("it does not exist"),
    "no_folder": N_("it is not a folder"),
    "a_folder": N_("it is a folder"),
    "not_utf8": N_("it is not UTF-8 text"),
    "in_use": N_("another program uses it"),
    "no_mosquitto": N_("the program mosquitto is not installed"),
    "the certificate cannot be read": N_("the certificate cannot be read"),
    "the private key cannot be read": N_("the private key cannot be read"),
    "the key does not belong to the certificate": N_("the key does not belong to the certificate"),
    "the authority's key does not belong to its certificate": N_("the key does not belong to the certificate"),
    "the certificate is not of our authority": N_("the certificate is not of our authority"),
}

UNKNOWN = Label(N_("Unknown"), "ring", "off")


def label(table: dict[str, Label], state: str | None) -> Label:
    """The label of one state; a state we have no word for is said to be unknown rather than hidden."""
    return table.get(state or "", UNKNOWN)
