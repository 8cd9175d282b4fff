"""Short messages by any provider's HTTP gateway: its address, what it is sent and how it says yes are settings."""

import json
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar, Self

import httpx

from broadcaster.domain.mirror import Copy, CopyState, Event, Outcome
from broadcaster.domain.mirror_wording import LIMITS, compose
from broadcaster.domain.sms import MARKED, seven_bit
from broadcaster.domain.sms_form import Form, at, fill, phones
from broadcaster.domain.sms_sent import Mark, read, written
from broadcaster.mirrors.answers import by_status, not_answered
from broadcaster.mirrors.base import Means
from broadcaster.mirrors.outgoing import web_address
from broadcaster.services.outlets.trying import Setting, Tried

# All phones of one copy are done within a claim, with room for one request that hangs.
PATIENCE = 25.0
PAUSES = (0.0, 2.0, 5.0)
YES = frozenset({"yes", "có", "oui", "1", "true"})
_TAKEN = (CopyState.ACCEPTED, CopyState.DELIVERED)


@dataclass(frozen=True, slots=True)
class Gateway:
    """How one provider wants to be asked."""

    url: str
    form: Form
    phones: tuple[str, ...]
    secret: str = field(repr=False)
    header: str = ""
    success_path: str = ""
    success_value: str = ""
    id_path: str = ""
    marks: bool = False
    """Whether letters keep their marks, which costs three times as many parts."""


class SmsGatewayChannel:
    """Sends one short text to a list of phones, by one request for each or one for all."""

    kind: ClassVar[str] = "sms_gateway"
    label: ClassVar[str] = "SMS gateway"
    settings: ClassVar[Sequence[Setting]] = (
        Setting("url", "Address to post to"),
        Setting("body", "What is posted: JSON or a form, with {phone} or {phones}, {text}, {id}, {secret}"),
        Setting("phones", "Phone numbers, with commas between them"),
        Setting("secret", "Key of the gateway", secret=True),
        Setting("header", "One more header, such as Authorization: Bearer {secret}", default=""),
        Setting("success_path", "Where the answer says yes, such as CodeResult", default=""),
        Setting("success_value", "What stands there then, such as 100", default=""),
        Setting("id_path", "Where the answer names the message, such as SMSID", default=""),
        Setting("marks", "Keep the marks on letters (yes or no): three times as many parts", default="no"),
    )
    per_minute: ClassVar[int] = 10

    def __init__(
        self,
        gateway: Gateway,
        client: httpx.Client,
        *,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._to, self._client, self._clock, self._sleep = gateway, client, clock, sleep

    @classmethod
    def build(cls, settings: Mapping[str, str], means: Means) -> Self:
        """The channel for one list; raises ValueError for an address, body, header or list that cannot be used."""
        gateway = Gateway(
            url=web_address(settings["url"]),
            form=Form.read(settings["body"]),
            phones=phones(settings["phones"]),
            secret=settings["secret"],
            header=_header(settings.get("header", ""), settings["secret"]),
            success_path=settings.get("success_path", ""),
            success_value=settings.get("success_value", ""),
            id_path=settings.get("id_path", ""),
            marks=settings["marks"].lower() in YES,
        )
        if bool(gateway.success_path) != bool(gateway.success_value):
            raise ValueError("where the answer says yes and what stands there then go together")
        return cls(gateway, means.client)

    def send(self, copy: Copy) -> Outcome:
        """Send it to every phone that has not had its turn; who has none in time comes next time.

        Who was refused for the moment is asked again shortly, once others have it. The remote id holds what became of
        each phone while some are left or nobody knows, else the gateway's own names.
        """
        text = self._text(copy)
        together = "phones" in self._to.form.places()
        everybody = (",".join(self._to.phones),) if together else self._to.phones
        names = {phone: copy.id if together else f"{copy.id}-{phone}" for phone in everybody}
        marks = dict(zip(everybody, read(copy.named, len(everybody)), strict=True))
        turns = (Mark.LEFT, Mark.UNSURE) if copy.repeated else (Mark.LEFT,)
        waiting = [phone for turn in turns for phone in everybody if marks[phone] is turn]
        results: dict[str, Outcome] = {}
        until = self._clock() + PATIENCE
        for pause in PAUSES:
            have = Mark.TAKEN in marks.values() or any(each.state in _TAKEN for each in results.values())
            if pause and not (waiting and have):
                break
            self._sleep(pause)
            for phone in waiting:
                late = self._clock() > until
                results[phone] = _NOT_TRIED if late else self._post(phone, text, names[phone])
            waiting = [phone for phone, result in results.items() if result.event is Event.DEFER]
        return _together(marks, results)

    def test(self) -> Tried:
        """Ask whether anybody answers there; more than that only a message shows."""
        try:
            status = self._client.options(self._to.url).status_code
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            outcome = not_answered(error)
            said = {"detail": outcome.detail, "code": outcome.provider_code}
            return Tried(works=False, words="The gateway does not answer: %(detail)s (%(code)s).", params=said)
        words = "The gateway answers (%(code)s). Whether it takes messages only a test message shows."
        return Tried(works=status < 500, words=words, params={"code": str(status)})

    def _text(self, copy: Copy) -> str:
        if self._to.marks:
            return compose(copy, limit=MARKED)
        return seven_bit(compose(copy, limit=LIMITS[self.kind]))

    def _post(self, phone: str, text: str, name: str) -> Outcome:
        values = {"phone": phone, "phones": phone, "text": text, "id": name, "secret": self._to.secret}
        content = self._to.form.filled(values)
        sent: dict[str, Any] = {"json": content} if self._to.form.is_json else {"data": content}
        header, _, value = fill(self._to.header, values).partition(":")
        try:
            headers = {header.strip(): value.strip()} if header else {}
            response = self._client.post(self._to.url, headers=headers, **sent)
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            return not_answered(error)
        return self._judged(response)

    def _judged(self, response: httpx.Response) -> Outcome:
        outcome = by_status(response)
        try:
            answer = response.json()
        except (ValueError, RecursionError):
            answer = None
        if outcome.state is not CopyState.ACCEPTED:
            return outcome
        if self._to.success_path:
            said = at(answer, self._to.success_path)
            if said is None:
                return Outcome(
                    CopyState.UNKNOWN, provider_code=outcome.provider_code, detail="not the gateway's answer"
                )
            if said != self._to.success_value:
                words = json.dumps(answer, ensure_ascii=False).replace(self._to.secret, "…")
                detail = f"the gateway refused: {words[:150]}"
                return Outcome(CopyState.FAILED, permanent=True, provider_code=said[:50], detail=detail)
        remote = at(answer, self._to.id_path) if self._to.id_path else None
        return Outcome(CopyState.ACCEPTED, remote_id=remote, provider_code=outcome.provider_code)


_NOT_TRIED = Outcome(CopyState.FAILED, retry_after=1, provider_code="late", detail="there was no time left for it")
_MARKS = {CopyState.ACCEPTED: Mark.TAKEN, CopyState.DELIVERED: Mark.TAKEN, CopyState.UNKNOWN: Mark.UNSURE}
_OUT = frozenset({Mark.TAKEN, Mark.UNSURE})


def _together(before: Mapping[str, Mark], results: Mapping[str, Outcome]) -> Outcome:
    """One outcome for all phones; in its detail each that was missed is known by its last three digits."""
    marks = dict(before) | {phone: _mark(each, before[phone]) for phone, each in results.items()}
    left = _NOT_TRIED in results.values()
    have = Counter(marks.values())
    state = _state(have, left=left)
    missed = {phone: each for phone, each in results.items() if each.state not in _TAKEN}
    waits = [each.retry_after for each in results.values() if each.retry_after is not None]
    told = "; ".join(f"…{phone[-3:]}: {each.detail or each.provider_code}" for phone, each in missed.items())
    first = next(iter(missed.values()), next(iter(results.values()), _NOT_TRIED))
    names = ",".join(each.remote_id for each in results.values() if each.remote_id)[:200]
    line = written(marks.values()) if _OUT & have.keys() else ""
    return Outcome(
        state,
        remote_id=(names if state is CopyState.ACCEPTED else line) or None,
        retry_after=max(waits, default=None),
        permanent=have[Mark.REFUSED] == len(marks),
        provider_code=first.provider_code,
        detail=f"{have[Mark.TAKEN]}/{len(marks)}: {told}"[:300] if have[Mark.TAKEN] < len(marks) else "",
    )


def _mark(outcome: Outcome, before: Mark) -> Mark:
    if outcome.event is Event.DEFER:
        return before
    return _MARKS.get(outcome.state, Mark.REFUSED)


def _state(have: Mapping[Mark, int], *, left: bool) -> CopyState:
    """As soon as one phone has it, it is that: who has the message must not get it twice."""
    if left:
        return CopyState.FAILED
    return CopyState.ACCEPTED if have[Mark.TAKEN] else CopyState.UNKNOWN if have[Mark.UNSURE] else CopyState.FAILED


def _header(line: str, secret: str) -> str:
    name, colon, _ = line.partition(":")
    if line and not (colon and name.strip().replace("-", "").isalnum() and (line + secret).isascii()):
        raise ValueError("a header has the form Name: value")
    return line
