"""What happened, in sentences: one announcement's history, the log book, the copies in chat groups."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from broadcaster.services.actor import SYSTEM
from broadcaster.store.tables import (
    Announcement,
    AuditEntry,
    Channel,
    Enrolment,
    Group,
    OfficialAccount,
    Person,
    Speaker,
    Unit,
)
from broadcaster.web.i18n import moment, say
from broadcaster.web.labels import N_, ROLE, WORDS
from broadcaster.web.shown.decisions import short

# (kind, action) → who did what to what; `name` is what the thing is called now.
SENTENCES = {
    ("announcement", "write"): N_("{person} wrote “{name}”."),
    ("announcement", "edit"): N_("{person} changed “{name}”."),
    ("announcement", "submit"): N_("{person} sent “{name}” for approval."),
    ("announcement", "approve"): N_("{person} approved “{name}”."),
    ("announcement", "reject"): N_("{person} sent “{name}” back: {reason}"),
    ("announcement", "withdraw"): N_("{person} withdrew “{name}”: {reason}"),
    ("announcement", "expire"): N_("“{name}” is no longer valid."),
    ("announcement", "approve_partly"): N_("{person} approved “{name}”; it needs {left} more."),
    ("announcement", "assert"): N_("{person} answered for the emergency “{name}” with {method}."),
    ("announcement", "send"): N_("{person} sent the emergency “{name}”."),
    ("announcement", "correction"): N_("{person} sent the correction of “{name}”."),
    ("announcement", "all_clear"): N_("{person} sent the all-clear of “{name}”."),
    ("announcement", "acknowledge"): N_("{person} confirmed that “{name}” was heard and is acted on."),
    ("announcement", "drill_write"): N_("{person} wrote the drill “{name}”."),
    ("announcement", "drill_start"): N_("{person} started the drill “{name}”."),
    ("announcement", "schedule"): N_("{person} set when “{name}” is heard."),
    ("announcement", "reschedule"): N_("{person} changed when “{name}” is heard."),
    ("announcement", "unschedule"): N_("{person} ended a schedule of “{name}”."),
    ("announcement", "copy_again"): N_("{person} had “{name}” posted once more in the chat group “{group}”."),
    ("announcement", "forward"): N_("{person} forwarded “{name}” into the chat group “{group}”."),
    ("announcement", "plan"): N_("“{name}” was planned."),
    ("announcement", "override_ask"): N_("{person} asked to air “{name}” outside the hours: {reason}"),
    ("announcement", "override_grant"): N_("{person} allowed “{name}” to be aired outside the hours."),
    ("announcement", "override_refuse"): N_("{person} did not allow “{name}” to be aired outside the hours: {reason}"),
    ("announcement", "override_end"): N_("{person} ended the permission to air “{name}” outside the hours."),
    ("announcement", "cap_approve"): N_("“{name}” from {person} ({sender}) may be heard by the order of {people}."),
    ("announcement", "cap_air"): N_("“{name}” from {person} ({sender}) was sent by the order of {people}."),
    ("cap_source", "cap_add"): N_("{person} added “{called}”, whose alerts are taken in."),
    ("cap_source", "change"): N_("{person} changed how the alerts of “{called}” are taken in."),
    ("cap_source", "switch_on"): N_("{person} switched on the alerts of “{called}”."),
    ("cap_source", "switch_off"): N_("{person} switched off the alerts of “{called}”."),
    ("cap_source", "order_ask"): N_("{person} asked that alerts of “{called}” be heard without a person."),
    ("cap_source", "order_grant"): N_(
        "{person} agreed with {asked_by} that alerts of “{called}” are heard without a person."
    ),
    ("cap_source", "order_end"): N_("Alerts of “{called}” wait for people again ({person})."),
    ("cap_source", "cap_in"): N_("An alert of “{called}” came in: {identifier}."),
    ("cap_source", "cap_by_hand"): N_(
        "{person} made a draft of the alert {identifier} of “{called}” although it was not believed."
    ),
    ("cap_source", "cap_update"): N_("“{called}” replaced its alert {identifier}."),
    ("cap_source", "cap_cancel"): N_("“{called}” cancelled its alert {identifier}."),
    ("airing", "air"): N_("{person} put “{name}” on air."),
    ("airing", "stop"): N_("{person} stopped “{name}”: {reason}"),
    ("airing", "order"): N_("{person} chose in which order colliding announcements are heard."),
    ("schedule", "broken"): N_("A schedule of “{name}” could not be planned."),
    ("clip", "record"): N_("{person} recorded a text."),
    ("clip", "accept"): N_("{person} listened to a recording and accepted it."),
    ("clip", "refuse"): N_("{person} listened to a recording and refused it: {reason}"),
    ("phrase", "record"): N_("{person} recorded a phrase for the voice bank."),
    ("phrase", "accept"): N_("{person} listened to a phrase of the voice bank and accepted it."),
    ("phrase", "refuse"): N_("{person} listened to a phrase of the voice bank and refused it: {reason}"),
    ("language", "start"): N_("{person} began a voice bank ({name})."),
    ("language", "add_phrase"): N_("{person} added a phrase to a voice bank ({name})."),
    ("language", "add_pattern"): N_("{person} added a sentence pattern to a voice bank ({name})."),
    ("unit", "create"): N_("{person} added the unit “{name}”."),
    ("unit", "change"): N_("{person} changed the unit “{name}”."),
    ("unit", "merge"): N_("{person} merged into “{into}”: {units}."),
    ("unit", "became_part"): N_("“{name}” became part of “{into}” ({person})."),
    ("unit", "split"): N_("{person} split “{name}” into: {into}."),
    ("unit", "part_of"): N_("“{name}” was formed out of {units} ({person})."),
    ("unit", "rename"): N_("{person} renamed “{units}”: it is called “{into}” now."),
    ("unit", "move"): N_("{person} moved “{name}”: it belongs to “{under}” now."),
    ("unit", "as_whole"): N_("The rules and settings of “{name}” are those of the whole it belongs to ({person})."),
    ("unit", "change_planned"): N_("{person} planned a change of units for {starts}: {units}."),
    ("unit", "change_called_off"): N_("{person} called off the change of units planned for {starts}: {units}."),
    ("unit", "change_failed"): N_("The change of units planned for {starts} was not carried out ({units}): {problem}."),
    ("unit", "begin"): N_("{person} began with “{name}”, in the zone {zone}."),
    ("unit", "zone"): N_("{person} set the clock of “{name}” to {zone}."),
    ("unit", "policy"): N_("{person} changed who approves what in “{name}”."),
    ("unit", "rules"): N_("{person} set the rules of the air of “{name}”."),
    ("unit", "site_add"): N_("{person} added a place with its own quiet hours in “{name}”."),
    ("unit", "site_change"): N_("{person} changed a place with its own quiet hours in “{name}”."),
    ("unit", "site_remove"): N_("{person} removed a place with its own quiet hours in “{name}”."),
    ("unit", "timetable"): N_("{person} took over a timetable in “{name}”."),
    ("unit", "feed"): N_("{person} opened a calendar feed of “{name}”."),
    ("unit", "feed_end"): N_("{person} closed the calendar feed of “{name}”."),
    ("unit", "stop_everything"): N_("{person} stopped everything in “{name}”: {reason}"),
    ("unit", "stand_in_limits"): N_(
        "{person} set how long a loudspeaker of “{name}” may be silent before somebody is asked."
    ),
    ("unit", "dictionary"): N_("{person} said how “{written}” is read aloud in “{name}”: {spoken}."),
    ("unit", "dictionary_remove"): N_("{person} took “{written}” out of the dictionary of “{name}”."),
    ("unit", "template"): N_("{person} saved the template “{title}” in “{name}”."),
    ("unit", "template_remove"): N_("{person} removed the template “{title}” in “{name}”."),
    ("stand_in", "open"): N_("{village}: a loudspeaker is silent, and somebody was asked to say “{name}”."),
    ("stand_in", "escalate"): N_("{village}: nobody answered; the commune must see that “{name}” is said."),
    ("stand_in", "link"): N_("{person} made a link to hand over, so that “{name}” is said in {village}."),
    ("stand_in", "done"): N_("{person}: “{name}” was said by a person in {village}."),
    ("stand_in", "could_not"): N_("{person}: “{name}” could not be said in {village}: {reason}"),
    ("stand_in", "not_needed"): N_("{village}: nobody need say “{name}” any more."),
    ("stand_in", "withdrawn"): N_("{village}: “{name}” must not be said any more."),
    ("stand_in", "expired"): N_("{village}: the time in which “{name}” should have been said is over."),
    ("group", "create"): N_("{person} made the group “{name}”."),
    ("group", "rename"): N_("{person} renamed the group “{before}”: it is called “{after}” now."),
    ("group", "members"): N_("{person} chose the loudspeakers of the group “{name}”."),
    ("speaker", "ask_log"): N_("{person} asked the loudspeaker “{name}” for its log."),
    ("speaker", "enrol"): N_("{person} added the loudspeaker “{name}”."),
    ("speaker", "pretend"): N_("{person} made the pretend loudspeaker “{name}”."),
    ("speaker", "revoke"): N_("{person} took the loudspeaker “{name}” out of service: {reason}"),
    ("speaker", "hang"): N_("{person} said where the loudspeaker “{name}” hangs."),
    ("speaker", "tend"): N_("{person} changed the settings of the loudspeaker “{name}”."),
    ("speaker", "carry_out"): N_("{person} took what the loudspeaker “{name}” is to play onto a stick."),
    ("speaker", "carry_back"): N_("{person} brought the receipts of the loudspeaker “{name}” back."),
    ("speaker", "ahead_days"): N_("{person} changed how many days ahead the loudspeaker “{name}” is planned."),
    ("speaker", "ahead"): N_("The loudspeaker “{name}” knows more than the server: perhaps a backup was restored."),
    ("speaker", "chain_problem"): N_("The records of the loudspeaker “{name}” do not follow one another."),
    ("speaker", "self_test"): N_("{person} had the loudspeaker “{name}” sound a test tone."),
    ("speaker", "pole_code"): N_("{person} made a code for the pole of the loudspeaker “{name}”."),
    ("feedback", "answer"): N_("{person} wrote down an answer to a resident: {answer}"),
    ("feedback", "publish"): N_("{person} answered residents in public: {answer}"),
    ("speaker", "move"): N_("{person} hung the loudspeaker “{name}” in another unit."),
    ("speaker", "replace"): N_("{person} put a new box in place of the old one of the loudspeaker “{name}”."),
    ("enrolment", "label"): N_("{person} made a label for the new loudspeaker “{name}”."),
    ("enrolment", "label_again"): N_("{person} made a new code for the label of “{name}”."),
    ("enrolment", "label_cancel"): N_("{person} cancelled the label of “{name}”."),
    ("enrolment", "label_wrong"): N_("Somebody gave a wrong code for the label of “{name}”."),
    ("unit", "border"): N_("{person} uploaded the border of “{name}”."),
    ("unit", "border_end"): N_("{person} removed the border of “{name}”."),
    ("database", "restored"): N_("{person} restored the data from a backup."),
    ("channel", "added"): N_("{person} added the chat group “{name}”."),
    ("channel", "change"): N_("{person} changed the chat group “{name}”."),
    ("channel", "switch_on"): N_("{person} switched the chat group “{name}” on."),
    ("channel", "switch_off"): N_("{person} switched the chat group “{name}” off."),
    ("channel", "readers"): N_("{person} put {count} addresses on the e-mail list “{name}”."),
    ("channel", "reader_off"): N_("{person} took an address off the e-mail list “{name}”."),
    ("channel", "reader_left"): N_("Somebody left the e-mail list “{name}”."),
    ("channel", "reader_back"): N_("Somebody who had left reads the e-mail list “{name}” again."),
    ("channel", "try"): N_("{person} sent a test message to the chat group “{name}”."),
    ("channel", "gone"): N_("The chat group “{name}” was deleted at Zalo and is switched off here."),
    ("official_account", "create"): N_("{person} entered the Official Account “{name}”."),
    ("official_account", "change"): N_("{person} changed the Official Account “{name}”."),
    ("official_account", "bring"): N_("{person} brought a new refresh token for “{name}”."),
    ("official_account", "renew"): N_("The token of the Official Account “{name}” was renewed ({person})."),
    ("official_account", "trouble"): N_("Zalo gives no more token for “{name}”; somebody must agree again: {problem}"),
    ("channel", "own"): N_("{person} said in which chat {name} is reached."),
    ("person", "phone"): N_("{person} said where {name} can be called."),
    ("person", "create"): N_("{person} added the account of {name} ({login})."),
    ("person", "grant"): N_("{person} gave {name} the role of {role}."),
    ("person", "take_back"): N_("{person} took the role of {role} from {name}."),
    ("person", "deputy"): N_("{person} appointed {name} to stand in for {stead} as {role}, from {starts} to {ends}."),
    ("person", "deputy_end"): N_("{person} ended that {name} stands in for {stead} as {role}."),
    ("person", "invite"): N_("{person} made a sign-in link for {name}."),
    ("person", "sign_in"): N_("{person} signed in."),
    ("person", "invite_new"): N_("{person} made an invitation for {name}."),
    ("person", "enable"): N_("{person} opened the account of {name} again."),
    ("person", "rename"): N_("{person} changed the name of {name}."),
    ("person", "end_sessions"): N_("{person} signed {name} out of other browsers."),
    ("person", "identity"): N_("{name} is known by another account from now on."),
    ("person", "identity_forget"): N_("{name} is known by no other account any more."),
    ("person", "sign_in_blocked"): N_("Somebody tried too many wrong passwords for {name}."),
    ("person", "password"): N_("{person} set the password of {name}."),
    ("person", "sign_out"): N_("{person} signed out."),
    ("person", "disable"): N_("{person} closed the account of {name}."),
    ("person", "locale"): N_("{person} chose a language."),
    ("person", "languages"): N_("{person} said which languages {name} speaks as a native."),
    ("person", "wrong_code"): N_("{person} gave a wrong code as second factor."),
    ("person", "factor_blocked"): N_("{person} gave too many wrong codes; for five minutes none is taken."),
    ("person", "factor_reset"): N_("{person} removed all second factors of {name}."),
    ("factor", "factor_add"): N_("{person} added a second factor: {called}."),
    ("factor", "factor_rename"): N_("{person} renamed a second factor: {called}."),
    ("factor", "factor_remove"): N_("{person} removed a second factor: {called}."),
    ("log_book", "chain_whole"): N_("{person} checked the log book: it is whole up to line {through}."),
    ("log_book", "chain_broken"): N_("{person} checked the log book: line {bad} is not as it was written."),
    ("token", "create"): N_("{person} made an access token."),
    ("token", "revoke"): N_("{person} ended an access token."),
}
# What belongs to the story of a unit itself.
LIFE = ("create", "change", "merge", "became_part", "split", "part_of", "rename", "move", "as_whole")
SYSTEM_NAME = N_("The system")
LINK_HOLDER = N_("Whoever held the link")
IN_STEAD = N_("{person} in the stead of {stead}")
METHOD = {"totp": N_("a code"), "passkey": N_("a passkey")}
WORDING = N_("version {revision} of the words, no. {short}")
OTHER = N_("{person}: {action} ({name})")

NAMED: Mapping[str, Any] = {
    "announcement": Announcement.title,
    "unit": Unit.name,
    "group": Group.name,
    "speaker": Speaker.name,
    "channel": Channel.name,
    "official_account": OfficialAccount.name,
    "enrolment": Enrolment.name,
    "person": Person.name,
}


@dataclass(frozen=True, slots=True)
class Line:
    """One thing that happened."""

    seq: int
    at: datetime
    text: str
    origin: str
    wording: str = ""
    """Of an announcement: which version, and the beginning of its hash."""
    href: str = ""


def history(session: Session, language: str, announcement_id: str) -> list[Line]:
    """What happened to one announcement, the latest first."""
    about = (AuditEntry.subject_kind == "announcement", AuditEntry.subject_id == announcement_id)
    return told(session, language, list(session.scalars(_newest().where(*about).limit(100))))


def of_unit(session: Session, language: str, unit_id: str) -> list[Line]:
    """How a unit came about, what it was called and where it hung, the latest first."""
    about = (AuditEntry.subject_kind == "unit", AuditEntry.subject_id == unit_id, AuditEntry.action.in_(LIFE))
    return told(session, language, list(session.scalars(_newest().where(*about).limit(100))))


def _newest() -> Any:  # noqa: ANN401  (a select, whose type only SQLAlchemy can spell)
    return select(AuditEntry).order_by(AuditEntry.seq.desc())


def told(session: Session, language: str, entries: list[AuditEntry]) -> list[Line]:
    """Each entry as a sentence, in their order."""
    names = _names(session, entries)
    return [_line(entry, names, language) for entry in entries]


def _line(entry: AuditEntry, names: Mapping[tuple[str, str], str], language: str) -> Line:
    sentence = say(language, SENTENCES.get((entry.subject_kind, action_of(entry)), OTHER))
    own = entry.person_id == SYSTEM.person_id
    return Line(
        entry.seq,
        entry.at,
        sentence.format_map(_facts(entry, names, language)),
        "" if own else entry.origin,
        _wording(entry, language),
        _href(entry),
    )


def action_of(entry: AuditEntry) -> str:
    """What was done; some services write "channel.added", others "create" of a "unit"."""
    return entry.action.rpartition(".")[2]


def _facts(entry: AuditEntry, names: Mapping[tuple[str, str], str], language: str) -> Mapping[str, str]:
    told = {key: str(value) for key, value in entry.details.items() if value}
    known: dict[str, str] = {
        "person": _who(entry, language),
        "name": names.get(_subject(entry), entry.subject_id),
        "role": say(language, ROLE.get(told.get("role", ""), "")),
        "method": say(language, METHOD.get(told.get("method", ""), "")),
        "called": told.get("name", ""),
        "action": entry.action,
    }
    known |= {"problem": say(language, WORDS[told["problem"]])} if told.get("problem") in WORDS else {}
    days = {key: _day(language, told[key]) for key in ("starts", "ends") if key in told}
    return defaultdict(lambda: "–", told | known | days)


def _who(entry: AuditEntry, language: str) -> str:
    if entry.person_id == SYSTEM.person_id:
        return say(language, SYSTEM_NAME)
    stead = str(entry.details.get("deputy_for") or "")
    name = entry.person_name or say(language, LINK_HOLDER)
    return say(language, IN_STEAD).format(person=name, stead=stead) if stead else name


def _day(language: str, text: str) -> str:
    return moment(language, datetime.fromisoformat(text))


def _subject(entry: AuditEntry) -> tuple[str, str]:
    # An airing and a schedule are called after their announcement.
    about = entry.details.get("announcement")
    return ("announcement", about) if isinstance(about, str) else (entry.subject_kind, entry.subject_id)


def _wording(entry: AuditEntry, language: str) -> str:
    revision, content = entry.details.get("revision"), entry.details.get("content")
    if not revision or not isinstance(content, str) or not content:
        return ""
    return say(language, WORDING).format(revision=revision, short=short(content))


def _href(entry: AuditEntry) -> str:
    kind, subject = _subject(entry)
    return f"/announcements/{subject}" if kind == "announcement" else ""


def _names(session: Session, entries: list[AuditEntry]) -> dict[tuple[str, str], str]:
    found: dict[tuple[str, str], str] = {}
    for kind, column in NAMED.items():
        wanted = {subject for about, subject in map(_subject, entries) if about == kind}
        rows = session.execute(select(column.class_.id, column).where(column.class_.id.in_(wanted))) if wanted else ()
        found |= {(kind, row[0]): row[1] for row in rows}
    return found
