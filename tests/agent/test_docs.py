"""What the speaker logs, reports and accepts has its heading."""

import re
from pathlib import Path

import pytest

from device_agent.ledger import TABLE, Stage, Step
from device_agent.problems import Problem

pytestmark = pytest.mark.pure

ROOT = Path(__file__).parents[2]
SOURCES = "\n".join(path.read_text(encoding="utf-8") for path in (ROOT / "device_agent").glob("*.py"))
HEADINGS = set(
    re.findall(r"^## +(?:loa-agent )?(.+)$", (ROOT / "docs/agent.md").read_text(encoding="utf-8"), flags=re.MULTILINE)
)


def test_every_log_action() -> None:
    actions = set(re.findall(r"action=([a-z_]+)", SOURCES))
    assert len(actions) > 10
    assert actions - HEADINGS == set()


def test_every_problem() -> None:
    assert {problem.value for problem in Problem} - HEADINGS == set()


def test_every_override_and_command() -> None:
    overrides = set(re.findall(r"LOA_AGENT_[A-Z_]+[A-Z]", SOURCES))
    assert overrides - HEADINGS == set()
    assert {"run", "doctor", "play"} <= HEADINGS


def test_the_ledger_in_the_readme_is_the_table() -> None:
    lines = (ROOT / "device_agent/README.md").read_text(encoding="utf-8").splitlines()
    head = next(line for line in lines if line.startswith("| from |"))
    steps = [cell.strip() for cell in head.strip("|").split("|")][1:]
    assert steps == [step.value for step in Step]
    for stage in (stage for stage in Stage if TABLE[stage]):
        row = next(line for line in lines if line.startswith(f"| {stage.value} |"))
        cells = [cell.strip().rstrip("¹") for cell in row.strip("|").split("|")][1:]
        assert cells == [TABLE[stage][step].value if step in TABLE[stage] else "" for step in Step]
