"""MultiQC's page shows hostile names of organisms and terms as text and executes none of them."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

Command = Callable[..., tuple[int, str, str]]

#: A tag with a handler, the end of a script element, and the ends of attributes.
HOSTILE = (
    "<img src=x onerror=window.EXECUTED=1>",
    "</script><script>window.EXECUTED=2</script>",
    "\" onmouseover=\"window.EXECUTED=3\" x='' onfocus='window.EXECUTED=4' autofocus",
)


def test_names_are_text_in_multiqc(gafreduce: Command, samples: Path, tmp_path: Path) -> None:
    chromium = shutil.which("chromium")
    if chromium is None:
        pytest.skip("needs chromium")
    from playwright.sync_api import sync_playwright

    names = tmp_path / "names.tsv"
    taxa = ("224308", "326423", "279010")
    names.write_text("".join(f"{t}\t{name}\n" for t, name in zip(taxa, HOSTILE, strict=True)))
    ontology = tmp_path / "go.obo"
    text = (samples / "go-samples.obo").read_text()
    term = "establishment of competence for transformation"
    assert f"name: {term}\n" in text
    ontology.write_text(text.replace(f"name: {term}\n", f"name: {' '.join(HOSTILE)}\n"))
    run = tmp_path / "run"
    files = [next(samples.glob(f"*{taxon}.gaf")) for taxon in taxa]
    code, _, errors = gafreduce(
        *("run", *files, "--ontology", ontology, "--organism-names", names),
        *("--term", "GO:0030420", "-o", run),
    )
    assert code == 0, errors
    done = subprocess.run(
        [
            *(sys.executable, "-m", "multiqc", str(run), "-o", str(tmp_path / "out")),
            *("--no-ansi", "--no-version-check"),
        ],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        page = browser.new_page()
        dialogs: list[str] = []
        page.on("dialog", lambda dialog: (dialogs.append(dialog.message), dialog.dismiss()))
        page.goto((tmp_path / "out" / "multiqc_report.html").as_uri())
        page.wait_for_selector("table#gafreduce_GO_0030420_organisms_table", state="attached")
        page.wait_for_timeout(500)
        assert page.evaluate("window.EXECUTED") is None
        assert dialogs == []
        shown = page.evaluate("document.body.textContent")
        assert all(name in shown for name in (*HOSTILE, " ".join(HOSTILE)))
        browser.close()
