"""No user's configuration of Matplotlib changes a figure."""

from __future__ import annotations

import copy
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import matplotlib
import pytest

GAFREDUCE = Path(sys.executable).with_name("gafreduce")
HOSTILE = (
    "backend: module://planted\nsavefig.dpi: 7\nfont.size: 30\nlines.linewidth: 9\nsvg.id: x\n"
)


def figures(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted((folder / "figures").iterdir())}


@pytest.fixture(scope="module")
def run(samples: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make a run in a folder without a configuration."""
    folder = tmp_path_factory.mktemp("clean")
    command = [GAFREDUCE, "run", samples, "--ontology", samples / "go-samples.obo", "-q"]
    subprocess.run([*command, "-o", folder / "run"], cwd=folder, check=True)
    return folder / "run"


def plant_fonts(folder: Path) -> None:
    """Write a list of fonts in which the font of the figures has other files."""
    from matplotlib import font_manager

    wrong = Path(matplotlib.get_data_path()) / "fonts" / "ttf" / "DejaVuSerif.ttf"
    path = folder / f"fontlist-v{font_manager.FontManager.__version__}.json"
    manager = copy.copy(font_manager.fontManager)
    vars(manager).pop("_find_fonts_by_props", None)  # kept answers, if figures were drawn here
    font_manager.json_dump(manager, path)
    known = json.loads(path.read_text())
    for entry in known["ttflist"]:
        entry["fname"] = str(wrong)
    path.write_text(json.dumps(known))


@pytest.mark.parametrize(
    ("command", "kind"), [("run", "file"), ("report", "pipe"), ("report", "damaged")]
)
def test_figures_have_the_same_bytes_with_any_configuration(
    samples: Path, run: Path, tmp_path: Path, kind: str, command: str
) -> None:
    here, there = tmp_path / "here", tmp_path / "there"
    here.mkdir()
    there.mkdir()
    for place in (here, there):
        if kind == "pipe":
            os.mkfifo(place / "matplotlibrc")
        else:
            (place / "matplotlibrc").write_text(HOSTILE if kind == "file" else "\0: [\n")
    plant_fonts(there)
    variables = {
        **{name: str(there) for name in ("MATPLOTLIBRC", "MPLCONFIGDIR", "XDG_CONFIG_HOME")},
        "MPLBACKEND": "no such backend",
    }
    if command == "report":
        shutil.copytree(run, here / "run")
        words = [GAFREDUCE, "report", "run"]
    else:
        words = [GAFREDUCE, "run", samples, "--ontology", samples / "go-samples.obo", "-o", "run"]
    done = subprocess.run(
        words,
        cwd=here,
        env={**os.environ, **variables},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert figures(here / "run") == figures(run)
