"""Install Wine and MinGW, and fetch Python and libraries for Windows, once.

Everything is pinned. Maven's jars and PyPI's wheels are checked by the SHA-256 that `PYTHONS` and
`wheels.txt` state. The cache is `$GAFREDUCE_WINDOWS_CACHE`, else `~/.cache/gafreduce/windows`.
"""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from wine_windows import shims

PROGRAMS = {
    "wine": "wine",
    "/usr/lib/wine/wine64": "wine64",  # Debian has it off the PATH
    "x86_64-w64-mingw32-gcc": "gcc-mingw-w64-x86-64-win32",
}


class Release(NamedTuple):
    """A Python for Windows in Maven Central: org.bytedeco:cpython."""

    version: str
    sha256: str


PYTHONS = {
    "3.11": Release(
        "3.11.3-1.5.9", "3263a50b256447bb7b9e604d6587627e419891370fc33b94469e6a06ff4de834"
    ),
    "3.13": Release(
        "3.13.0-1.5.11", "dd3590a19413e7e3e8b01d8dfd88ee2fc97f2fd0079e50d47fa6a55c41b0afc3"
    ),
}
WHEELS = Path(__file__).with_name("wheels.txt")
_LINE = re.compile(r"([\w.-]+)==(\S+) +--hash=sha256:([0-9a-f]{64}) +# (\S+) (3\.\d+(?:,3\.\d+)*)")
COMPLETE = ".complete"


class BuildError(Exception):
    """Something is missing, or has another checksum."""


class Wheel(NamedTuple):
    """A line of wheels.txt."""

    requirement: str
    sha256: str
    file: str
    pythons: tuple[str, ...]


def find_cache() -> Path:
    """Return the cache folder; it need not exist."""
    named = os.environ.get("GAFREDUCE_WINDOWS_CACHE")
    return Path(named) if named else Path.home() / ".cache" / "gafreduce" / "windows"


def read_wheels() -> Iterator[Wheel]:
    """Yield the wheels that are pinned."""
    for line in WHEELS.read_text().splitlines():
        if line and not line.startswith("#"):
            match = _LINE.fullmatch(line)
            if match is None:
                raise BuildError(f"{WHEELS.name}: {line!r}")
            name, version, sha256, file, pythons = match.groups()
            yield Wheel(f"{name}=={version}", sha256, file, tuple(pythons.split(",")))


def find_python(version: str) -> Path:
    """Return the folder of a built Python."""
    return find_cache() / f"python-{version}"


def build() -> None:
    """Install and fetch what is missing.

    Raises:
        BuildError: Something cannot be had.
    """
    _install_programs()
    for version in PYTHONS:
        _build_python(version)


def _install_programs() -> None:
    missing = [package for program, package in PROGRAMS.items() if not shutil.which(program)]
    if missing:
        apt = ["apt-get", "-o", "DPkg::Lock::Timeout=600"]
        log = subprocess.DEVNULL
        subprocess.run([*apt, "update", "-q"], check=True, stdout=log)
        subprocess.run(
            [*apt, "install", "-y", "-q", "--no-install-recommends", *missing],
            check=True,
            stdout=log,
        )


def _build_python(version: str) -> None:
    release = PYTHONS[version]
    home = find_python(version)
    pins = [*release, WHEELS.read_text(), Path(shims.__file__).read_text()]
    key = hashlib.sha256("\0".join(pins).encode()).hexdigest()
    mark = home / COMPLETE
    if mark.is_file() and mark.read_text() == key:
        return
    print(f"building Python {version} for Windows in {home}", flush=True)  # noqa: T201
    shutil.rmtree(home, ignore_errors=True)
    part = home.with_name(f"{home.name}.part")
    shutil.rmtree(part, ignore_errors=True)
    below = "org/bytedeco/cpython/windows-x86_64/"
    with zipfile.ZipFile(_fetch_jar(release)) as jar:
        members = [name for name in jar.namelist() if name.startswith(below)]
        jar.extractall(part / "jar", members)
    (part / "jar" / below).rename(home)
    shutil.rmtree(part)
    _install_wheels(version, home / "lib" / "site-packages")
    shims.make(home, version)
    mark.write_text(key)


def _fetch_jar(release: Release) -> Path:
    name = f"org.bytedeco:cpython:{release.version}:jar:windows-x86_64"
    jars = find_cache() / "jars"
    path = jars / f"cpython-{release.version}-windows-x86_64.jar"
    if not path.is_file():
        jars.mkdir(parents=True, exist_ok=True)
        command = ["mvn", "-q", "-B", "org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy"]
        subprocess.run([*command, f"-Dartifact={name}", f"-DoutputDirectory={jars}"], check=True)
    check(path, release.sha256)
    return path


def check(path: Path, sha256: str) -> None:
    """Check the checksum of a file.

    Raises:
        BuildError: It has another one.
    """
    with path.open("rb") as stream:
        found = hashlib.file_digest(stream, "sha256").hexdigest()
    if found != sha256:
        raise BuildError(f"{path}: expected SHA-256 {sha256}, got {found} (remove it)")


def _install_wheels(version: str, site: Path) -> None:
    folder = find_cache() / "wheels"
    folder.mkdir(parents=True, exist_ok=True)
    wheels = [each for each in read_wheels() if version in each.pythons]
    missing = [each for each in wheels if not (folder / each.file).is_file()]
    if missing:
        requirements = folder / f"missing-{version}.txt"
        requirements.write_text(
            "".join(f"{each.requirement} --hash=sha256:{each.sha256}\n" for each in missing)
        )
        options = ["--platform", "win_amd64", "--python-version", version, "--no-deps"]
        subprocess.run(
            [
                *(sys.executable, "-m", "pip", "download", "-q", "--require-hashes"),
                *(*options, "--only-binary=:all:", "-d", str(folder), "-r", str(requirements)),
            ],
            check=True,
        )
    for each in wheels:
        check(folder / each.file, each.sha256)
        with zipfile.ZipFile(folder / each.file) as wheel:
            wheel.extractall(site)
