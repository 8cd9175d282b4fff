"""The agent as the process it is."""

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

QUICK = {"LOA_AGENT_POLL_S": "0.5", "LOA_AGENT_PATH_AFTER_S": "0.2", "LOA_AGENT_RESYNC_S": "300"}


class RunningAgent:
    """`loa-agent run` and what it logged."""

    def __init__(self, config: Path, overrides: dict[str, str]) -> None:
        environment = {**os.environ, **overrides}
        self.process = subprocess.Popen(
            [sys.executable, "-m", "device_agent", "run", "--config", str(config)],
            env=environment,
            stderr=subprocess.PIPE,
            text=True,
        )
        self.log: list[str] = []
        self._reader = threading.Thread(target=self._read)
        self._reader.start()

    def _read(self) -> None:
        assert self.process.stderr is not None
        self.log += self.process.stderr

    def cut_power(self) -> None:
        """What a power cut leaves: nothing was told, nothing tidied."""
        self.process.send_signal(signal.SIGKILL)
        self._end()

    def stop(self) -> int:
        self.process.terminate()
        return self._end()

    def _end(self) -> int:
        status = self.process.wait(timeout=30)
        self._reader.join()
        assert self.process.stderr is not None
        self.process.stderr.close()
        return status


@contextmanager
def running_agent(config: Path, **overrides: str) -> Iterator[RunningAgent]:
    """A running agent that is gone afterwards, whatever happened."""
    agent = RunningAgent(config, {**QUICK, **overrides})
    try:
        yield agent
    finally:
        if agent.process.poll() is None:
            agent.cut_power()
        elif agent.process.stderr is not None and not agent.process.stderr.closed:
            agent.stop()
