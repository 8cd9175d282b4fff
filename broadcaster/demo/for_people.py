"""`loa run`: the same processes as the demo, for people to try; they keep their data from one run to the next."""

import signal
import threading

from rich.console import Console

from broadcaster.app import open_ground, utc_now
from broadcaster.demo import commune, house, ports
from broadcaster.demo.processes import Household
from broadcaster.services.actor import SYSTEM
from broadcaster.services.people import people
from broadcaster.settings import Settings
from broadcaster.store.tables import Person

CHAT_PORT = 8090


def run(settings: Settings, *, sound_card: bool) -> int:
    """Start everything, say where it is, and keep it running until Ctrl-C. Raises PortTaken, ChildDied."""
    console, stopping = Console(), threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stopping.set())
    with Household() as household:
        links = _start(household, settings, console, sound_card=sound_card)
        for words, link in links.items():
            console.print(f"{words:>28}  [bold]{link}[/bold]", soft_wrap=True)
        console.print("\nCtrl-C stops all of it.")
        while not stopping.wait(1.0):
            household.check()
        console.print("Stopping…")
    return 0


def _start(household: Household, settings: Settings, console: Console, *, sound_card: bool) -> dict[str, str]:
    logs = settings.data / "logs"
    with console.status("Starting the broker, the service, three speakers and a stand-in chat group…"):
        ports.check(settings.port, settings.broker_port, CHAT_PORT)
        chat_url = house.start_chat(household, logs, CHAT_PORT)
        ground = open_ground(settings)
        speakers = commune.settle(ground, chat_url=chat_url, sound_card=sound_card)
        with ground.database.transaction() as session:
            secrets = {
                person.name: people.one_time_link(session, SYSTEM, person.id, now=utc_now())
                for person in session.query(Person).order_by(Person.id)
            }
        ground.database.engine.dispose()
        house.start_service(household, logs, settings)
        house.start_speakers(household, speakers)
    signing_in = {f"sign in as {name}": f"{settings.console_url}/sign-in/{link}" for name, link in secrets.items()}
    return signing_in | {"chat group (stand-in)": f"{chat_url}/group/{commune.CHAT}"}
