"""The commands that are measured: gafreduce and its peers over the same files."""

from __future__ import annotations

import gzip
import shlex
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).resolve().parent
REPOSITORY = HERE.parent
OURS = REPOSITORY / ".venv" / "bin"
TERM = "GO:0030420"
#: Files named on a command line.
_AT_ONCE = 500


@dataclass(frozen=True)
class Bench:
    """The ontology and the output folder that all commands share."""

    obo: Path
    scratch: Path

    @property
    def terms(self) -> Path:
        """The term file: every peer but goatools reads it, as gafreduce reads its cached one."""
        path = self.scratch / "go.terms"
        if not path.exists():
            build = [str(OURS / "python"), "-m", "gafreduce.ontology.build", str(self.obo), TERM]
            subprocess.run(
                [*build, "is_a,part_of", str(path)],
                check=True,
                cwd=REPOSITORY,
                stdout=subprocess.DEVNULL,
            )
        return path

    @property
    def plain_obo(self) -> Path:
        """The ontology unpacked: goatools reads no gz."""
        path = self.scratch / "go.obo"
        if not path.exists():
            opener = gzip.open if self.obo.suffix == ".gz" else open
            with opener(self.obo, "rb") as source, path.open("wb") as target:
                shutil.copyfileobj(source, target)
        return path

    def out(self, name: str) -> Path:
        """Return the folder that a command writes; it must not exist when the command starts."""
        return self.scratch / "out" / name

    def clear(self) -> None:
        """Remove what commands wrote."""
        shutil.rmtree(self.scratch / "out", ignore_errors=True)

    def gafreduce(self, name: str, files: list[str], *options: str) -> list[str]:
        """Return our command; the tables are in `out(name)/tables`."""
        return [
            *(str(OURS / "gafreduce"), "run", *files, "--ontology", str(self.obo)),
            *("--no-report", "--quiet", "-o", str(self.out(name)), *options),
        ]

    def in_python(self, name: str, files: list[str], *options: str) -> list[str]:
        """Return our command without the C extension."""
        return ["env", "GAFREDUCE_PURE=1", *self.gafreduce(name, files, *options)]

    def peer(self, name: str, files: list[str]) -> list[str]:
        """Return a peer's command; its tables are in `out(name)`."""
        ontology = self.plain_obo if name == "goatools" else self.terms
        script = HERE / "peers" / f"peer_{name}.py"
        return [sys.executable, str(script), str(ontology), str(self.out(name)), *files]

    def goatools_reading(self, files: list[str]) -> list[str]:
        """Return the command by which goatools reads, and does nothing else."""
        return [sys.executable, str(HERE / "peers" / "peer_goatools.py"), "--read", *files]


def mawk(files: list[str]) -> list[str]:
    """Return a floor: lines by term and taxon, counted by mawk."""
    return ["mawk", "-F\t", "{n[$5, $13]++} END {for (key in n) print key, n[key]}", *files]


def word_count(files: list[str]) -> list[str]:
    """Return the other floor: reading alone, of plain or gz files."""
    reader = "zcat" if files[0].endswith(".gz") else "cat"
    return ["sh", "-c", f"{reader} {shlex.join(files)} | wc -l"]


def input_files(folder: Path) -> list[str]:
    """Return the files of an input."""
    found = sorted(map(str, [*folder.glob("*.gaf"), *folder.glob("*.gaf.gz")]))
    if not found:
        raise FileNotFoundError(f"{folder}: expected *.gaf or *.gaf.gz (make it: make_input.py)")
    return found


def count_lines(files: list[str]) -> int:
    """Return the lines of plain or gz files."""
    total = 0
    for start in range(0, len(files), _AT_ONCE):  # a command line has an end
        counted = word_count(files[start : start + _AT_ONCE])
        total += int(subprocess.run(counted, check=True, capture_output=True).stdout)
    return total
