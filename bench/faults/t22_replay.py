"""T22: all traffic is recorded and said again: at once, after a reboot, to another speaker, and a day later."""

from __future__ import annotations

import re
import time
from collections import Counter
from contextlib import ExitStack

from sqlalchemy import func, select

from bench.faults.fault import Fault, Outcome, Scale, progress
from bench.faults.ground.clocks import FalseClock
from bench.faults.recorder import RIGHTS, Message, Recorder
from bench.faults.stage import Loudspeaker, Setting, Stage, must, stage, until
from bench.faults.verdict import all_ended
from broadcaster.demo import commune, phones
from broadcaster.demo.commune import COMMUNE, DemoSpeaker
from broadcaster.store.tables import Speaker, SpeakerManifest, StoredReceipt

SECONDS = 3600.0
DAY_S = 86_400.0
EVERY_S = 20.0
LISTEN_S = 15.0
REFUSED = re.compile(r"action=refused what=(?:manifest|live) code=(\w+)")
SPOKEN = ("/manifest", "/command", "/now")


def record(place: Stage, scale: Scale, seconds: float) -> Recorder:
    """An hour of announcements, one of them taken back, and an alarm, all on tape and all over."""
    assert place.broker is not None
    tape = Recorder(place.ground.home.authority(), scale.folder / "recorder", place.broker.host, place.broker.port)
    victim, recording = place.speakers[0], place.recording(0.7)
    airings = [alarm(place, victim)]
    for _ in range(max(3, round(seconds * scale.share / EVERY_S))):
        airings.append(place.said(victim, recording=recording))
        progress(f"{len(tape.tape)} messages on tape")
        until(lambda: all_ended(place, airings), EVERY_S, every=1.0)
    airings.append(place.said(victim))
    time.sleep(3)
    place.approver.post(f"/airings/{airings[-1]}/stop", {"reason": "Phát nhầm"})
    must("all of it is over", lambda: all_ended(place, airings), 180)
    return tape


def alarm(place: Stage, victim: Loudspeaker) -> str:
    """A live alarm, sent and heard: what a thief of recordings wants most."""
    people = phones.give(place.ground, commune.CLERK), phones.give(place.ground, commune.APPROVER)
    slots = {"place": "bản Nà Pản", "time": "từ bây giờ", "action": "Lên chỗ cao ngay."}
    audience = [{"kind": "speaker", "ref": victim.id}]
    body = {"hazard": "flash_flood", "level": 4, "unit": COMMUNE, "audience": audience, "repeat": 1}
    draft = place.clerk.post("/emergencies", body | {"slots": {"vi": slots}})
    phones.approve(place.clerk, place.approver, str(draft["id"]), phones=people)
    must("the correction is on the speaker", lambda: bool(place.clerk.get(f"/emergencies/{draft['id']}")["ready"]))
    return str(place.approver.post(f"/emergencies/{draft['id']}/send", {"place": "Xã Yên Châu"})["id"])


def said_again(
    tape: Recorder, messages: list[Message], to: Loudspeaker, victim: Loudspeaker
) -> tuple[int, int, Counter[str]]:
    """Bytes of sound it made, messages it should have refused, and how it refused them."""
    must("it is quiet", lambda: quiet(to))
    before, told = to.heard_bytes, len(to.log())
    for one in messages:
        tape.say(one.topic.replace(victim.id, to.id), one.payload)
    time.sleep(LISTEN_S)
    codes = Counter(REFUSED.findall(to.log()[told:]))
    spoken = [one for one in messages if one.topic.endswith(SPOKEN)]
    # The newest manifest may be said as often as one likes: it is the one it holds.
    newest = [one.payload for one in spoken if one.topic.endswith("/manifest")][-1:]
    stale = [one for one in spoken if to.id != victim.id or one.payload not in newest]
    return to.heard_bytes - before, len(stale), codes


def quiet(one: Loudspeaker) -> bool:
    """Whether it has made no sound for two seconds."""
    before = one.heard_bytes
    time.sleep(2.0)
    return one.heard_bytes == before


def meant(tape: Recorder, victim: Loudspeaker) -> list[Message]:
    """What was said to this speaker and by it, or to everybody."""
    return [one for one in tape.tape if victim.id in one.topic or one.topic.endswith("/now")]


def run(scale: Scale) -> Outcome:
    """To the same speaker at once and after a reboot, and to another one; its receipts to the broadcaster again."""
    lines: list[str] = []
    with ExitStack() as stack:
        setting = Setting(speakers=2, outside_broker=True, rights=RIGHTS)
        place = stack.enter_context(stage(scale.folder, setting))
        tape = record(place, scale, SECONDS)
        stack.callback(tape.stop)
        victim, other = place.speakers
        messages, receipts = meant(tape, victim), stored(place)
        good = True
        for where, to in (("at once", victim), ("after a reboot", victim), ("to another speaker", other)):
            if where == "after a reboot":
                to.cut_power()
                to.start()
                must("it is back", lambda: to.log().count("action=link_up") > 1)  # noqa: B023
            sound, stale, codes = said_again(tape, messages, to, victim)
            good = good and sound == 0 and codes.total() >= stale
            lines.append(f"{where}: {sound} bytes of sound, {_list(codes)} of {stale}")
        doubled = stored(place) - receipts
        with place.ground.database.read() as session:
            problem = session.get_one(Speaker, victim.id).chain_problem
    figure = f"{len(messages)} messages; {'; '.join(lines)}; broken chain: {problem or 'none'}"
    return Outcome(good and not problem, figure, f"receipts stored meanwhile: {doubled}")


def stored(place: Stage) -> int:
    """How many receipts of the victim the broadcaster holds."""
    with place.ground.database.read() as session:
        count = select(func.count()).select_from(StoredReceipt)
        return session.scalar(count.where(StoredReceipt.speaker_id == place.speakers[0].id)) or 0


def is_current(place: Stage) -> bool:
    """Whether the victim said that it holds what was signed for it last."""
    with place.ground.database.read() as session:
        told = session.get_one(SpeakerManifest, place.speakers[0].id)
        return session.get_one(Speaker, place.speakers[0].id).state_version == told.version


def run_a_day_later(scale: Scale) -> Outcome:
    """The speaker's clock stands a day later, the broadcaster is silent, and the tape is played."""
    with ExitStack() as stack:
        place = stack.enter_context(stage(scale.folder, Setting(outside_broker=True, rights=RIGHTS)))
        tape = record(place, scale, SECONDS / 4)
        stack.callback(tape.stop)
        must("it holds the newest manifest", lambda: is_current(place))
        place.service.ask_to_stop()
        place.service.wait(10)
        victim = place.speakers[0]
        victim.cut_power()
        made = DemoSpeaker(victim.id, victim.id, victim.folder)
        clock = FalseClock(scale.folder)
        clock.show(DAY_S)
        clock.reboot()
        settings = (f"{name}={text}" for name, text in clock.environment().items())
        later = Loudspeaker(made, place.setting.pace, (*clock.prefix(), "env", *settings))
        stack.callback(later.stop)
        messages = meant(tape, victim)
        later.start()
        must("it is back", lambda: later.log().count("action=link_up") > 1)
        sound, stale, codes = said_again(tape, messages, later, victim)
    figure = f"{len(messages)} messages a day later: {sound} bytes of sound, {_list(codes)} of {stale}"
    return Outcome(sound == 0 and codes.total() >= stale, figure)


def _list(codes: Counter[str]) -> str:
    return "refused " + (", ".join(f"{count} {code}" for code, count in sorted(codes.items())) or "none")


CRITERION = "0 sounds; every message refused and counted"
LATER = frozenset({"faketime", "root"})
FAULTS = (
    Fault("T22", "all traffic of an hour said again: at once, after a reboot, to another speaker", CRITERION, run),
    Fault("T22b", "all traffic said again a day later", CRITERION, run_a_day_later, needs=LATER),
)
