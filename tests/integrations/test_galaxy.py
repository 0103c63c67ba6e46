from __future__ import annotations

from pathlib import Path
from typing import Any


def test_planemo_finds_nothing_wrong_with_the_tool(
    integrations: Path, engines: Path, call: Any
) -> None:
    tool = integrations / "galaxy" / "gafreduce.xml"
    call(engines / "planemo" / "bin" / "planemo", "lint", "--skip", "citations", tool)
