"""A run folder as an RO-Crate: the files of the run, with metadata that repositories read."""

from __future__ import annotations

import json
import mimetypes
import shutil
from collections.abc import Iterable
from pathlib import Path

from gafreduce.publishing import manifest
from gafreduce.publishing.manifest import Defect
from gafreduce.publishing.run_folder import RECORD, RunFolder
from gafreduce.reports.tables.schema import ALL_TABLES

_LICENCE = "https://creativecommons.org/licenses/by/4.0/"
_SOFTWARE = "#gafreduce"
_RUN = "#run"


def write_crate(folder: RunFolder, path: Path, _: Path | None = None) -> None:
    """Copy the run folder, and add `ro-crate-metadata.json`.

    Raises:
        ModuleNotFoundError: rocrate is not installed.
        InputError: A file of the run is not the one that its manifest states.
        OSError: A file cannot be copied.
    """
    from rocrate.model.contextentity import ContextEntity
    from rocrate.model.file import File
    from rocrate.rocrate import ROCrate

    folder.refuse_tables(_select_stated(folder.find_defects(has_sums=False)))
    record = folder.read_record()
    target = record["target"]
    crate = ROCrate()
    crate.name = f"Organisms annotated with {target['name']} ({target['go_id']})"
    crate.description = (
        f"Run {record['run_id']} of gafreduce on GO annotation files: tables, figures and a report "
        f"for the term {target['go_id']}, its descendants and its regulators."
    )
    crate.datePublished = record["created"]
    crate.license = crate.add(
        ContextEntity(
            crate,
            _LICENCE,
            {
                "@type": "CreativeWork",
                "name": "CC BY 4.0",
                "description": "Licence of the annotations and the ontology",
            },
        )
    )
    rows = {**folder.read_rows(), manifest.NAME: None}
    files = []
    for name, row in rows.items():
        source, copy = folder.path / name, path / name
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(source, copy)
        properties = {
            "name": name,
            "encodingFormat": mimetypes.guess_type(name)[0] or "application/octet-stream",
            "contentSize": str(row.bytes if row else copy.stat().st_size),
            "description": _describe(name),
        }
        if row:
            properties["sha256"] = row.sha256
        files.append(crate.add(File(crate, str(copy), name, properties=properties)))
    folder.refuse_tables(_select_stated(RunFolder(path).find_defects()))  # the checksums are kept
    software = crate.add(
        ContextEntity(
            crate,
            _SOFTWARE,
            {
                "@type": "SoftwareApplication",
                "name": "gafreduce",
                "version": record["gafreduce_version"],
            },
        )
    )
    inputs = [
        crate.add(
            ContextEntity(
                crate,
                f"#input-{number}",
                {
                    "@type": "CreativeWork",
                    "name": each["source_file"],
                    "sha256": each["sha256"],
                    "size": str(each["bytes"]),
                },
            )
        )
        for number, each in enumerate(record["inputs"], 1)
    ]
    run = crate.add(
        ContextEntity(
            crate,
            _RUN,
            {
                "@type": "CreateAction",
                "name": f"gafreduce run for {target['go_id']}",
                "endTime": record["created"],
            },
        )
    )
    run["instrument"], run["object"], run["result"] = software, inputs, files
    crate.root_dataset["mentions"] = [run]
    text = json.dumps(crate.metadata.generate(), indent=2, ensure_ascii=False)
    (path / "ro-crate-metadata.json").write_text(f"{text}\n", encoding="utf-8", newline="\n")


def _select_stated(defects: Iterable[Defect]) -> list[Defect]:
    """Return the defects of files that the manifest states; others are not copied."""
    return [each for each in defects if each.kind != "extra"]


def _describe(name: str) -> str:
    """Return what a file of a run is."""
    if name == RECORD:
        return "The run record: options, versions and checksums of the inputs"
    if name == manifest.NAME:
        return "Path, size and checksum of every other file of the run"
    stem = Path(name).stem
    if stem in ALL_TABLES:
        return ALL_TABLES[stem].description
    return "Part of the report of the run"
