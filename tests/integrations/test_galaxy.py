from __future__ import annotations

from pathlib import Path
from typing import Any


def test_planemo_finds_nothing_wrong_with_the_tool(
    integrations: Path, engines: Path, call: Any
) -> None:
    tool = integrations / "galaxy" / "gafreduce.xml"
    done = call(engines / "planemo" / "bin" / "planemo", "lint", "--fail_level", "warn", tool)
    assert "TestsNoValid" in done.stdout + done.stderr


def test_the_tool_passes_its_own_test(
    integrations: Path, engines: Path, call: Any, samples: Path
) -> None:
    python = engines / "planemo" / "bin" / "python"
    script = Path(__file__).with_name("galaxy_job.py")
    done = call(python, "-W", "ignore", script, integrations / "galaxy" / "gafreduce.xml", samples)
    assert "4 assertions hold" in done.stdout
