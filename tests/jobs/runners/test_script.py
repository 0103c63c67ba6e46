"""The temporary files of a script."""

from __future__ import annotations

import tempfile
from pathlib import Path
from types import SimpleNamespace

from gafreduce import owned_paths
from gafreduce.directory import Directory
from gafreduce.jobs.runners import script


def test_the_temporary_folder_of_a_script_has_a_marker(samples: Path, tmp_path: Path) -> None:
    """So `gafreduce clean` finds it when the script was killed."""
    path = samples / "Escherichia_coli_K_12-83333.gaf"
    options = SimpleNamespace(term_file="terms", input_list="", args=[str(path)])
    with script._make_side_files(SimpleNamespace(options=options)) as more:
        folder = Path(more[-1]).parent
        assert tempfile.gettempdir() == str(folder)  # mrjob makes its own folder in it
        with Directory.open(folder.parent) as parent:
            proof = owned_paths.prove_folder(parent, folder.name, owned_paths.TEMPORARY)
    assert proof.is_in_use
    assert not folder.exists()
