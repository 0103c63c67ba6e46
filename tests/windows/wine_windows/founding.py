"""The founding seven organisms, whole files where there are some, under Windows."""

from __future__ import annotations

from wine_windows.results import Checks
from wine_windows.wine import Windows, name_path


def check_founding(checks: Checks, windows: Windows) -> None:
    """Check that tables of real files have the bytes of this system, on both runners.

    The files are those of ../shared/data beside the checkout; without them nothing is checked.
    """
    data = checks.root.parent / "shared" / "data"
    folder, ontology = data / "seven-organisms", data / "ontology" / "go-basic-2022-07-01.obo.gz"
    if not folder.is_dir() or not ontology.is_file():
        checks.note(f"founding seven: not checked, no files in {data}")
        return
    files = sorted((folder / "whole").glob("*.gaf.gz"))
    files += [*(folder / "excerpt").glob("*_168-*"), *(folder / "excerpt").glob("Esch*")]
    options = ("--no-report", "--ontology")
    here = checks.run_here("founding", *map(str, files), *options, str(ontology))
    for runner in (("inline",), ("local", "--cores", "2")):
        out = checks.scratch / f"founding-{runner[0]}"
        names = [name_path(path) for path in files]
        windows.gafreduce(
            *("run", *names, *options, name_path(ontology), "-r", *runner, "-o", name_path(out)),
            folder=checks.scratch,
        )
        n_tables = checks.compare(here, out)
        checks.note(f"founding seven, {runner[0]}: {n_tables} tables have the bytes of this system")
