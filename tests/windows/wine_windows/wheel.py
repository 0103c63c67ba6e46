"""Cross-build the wheel for Windows, with the C extension, by MinGW.

The wheel is the one of this system with another compiled module: the stable interface of Python
3.11 (`python3.dll`), so one wheel serves this Python and all later ones.
"""

from __future__ import annotations

import base64
import hashlib
import os
import subprocess
import sys
import tempfile
import tomllib
import zipfile
from pathlib import Path

from wine_windows import build
from wine_windows.shims import GCC

_TAG = "cp311-abi3-win_amd64"
_PURE = "py3-none-any"
_TIME = (1980, 1, 1, 0, 0, 0)
_MODULE = "gafreduce/jobs/native/_compiled"


def build_wheels(root: Path, target: Path) -> dict[str, Path]:
    """Build the wheels with (`C`) and without (`Python`) the C extension; return their paths.

    The second is that of a machine without a compiler.

    Args:
        root: The checkout.
        target: The folder of the wheels.
    """
    target.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as name:
        scratch = Path(name)
        pip = (sys.executable, "-m", "pip", "wheel", "-q", "--no-deps", "--no-build-isolation")
        # without the module of this system, which takes most of the time and is left out below
        quick = {**os.environ, "PYTHONWARNINGS": "ignore", "CC": "/bin/false"}
        subprocess.run([*pip, "-w", name, str(root)], check=True, env=quick, capture_output=True)
        (here,) = scratch.glob("gafreduce-*.whl")
        with zipfile.ZipFile(here) as wheel:
            members = {
                each: wheel.read(each)
                for each in wheel.namelist()
                if not each.startswith(_MODULE) or each.endswith(".pyi")
            }
        module = scratch / "_compiled.pyd"
        _compile(root, module)
        stem = f"gafreduce-{here.name.split('-')[1]}"
        compiled = {**members, f"{_MODULE}.pyd": module.read_bytes()}
        return {
            "C": _write(target / f"{stem}-{_TAG}.whl", compiled, _TAG),
            "Python": _write(target / f"{stem}-{_PURE}.whl", members, _PURE),
        }


def _compile(root: Path, module: Path) -> None:
    project = tomllib.loads((root / "pyproject.toml").read_text())
    (extension,) = project["tool"]["setuptools"]["ext-modules"]
    home = build.find_python("3.11")
    subprocess.run(
        [
            *(GCC, "-std=c11", "-O2", "-shared", "-s", "-static-libgcc"),
            # MinGW knows not that Python's snprintf is that of the UCRT, which has %zd
            *("-Wall", "-Wextra", "-Werror", "-Wno-format", "-Wno-format-extra-args"),
            f"-I{home / 'include'}",
            *(str(root / each) for each in extension["sources"]),
            *(str(home / "libs" / "python3.lib"), "-o", str(module)),
        ],
        check=True,
    )


def _write(path: Path, members: dict[str, bytes], tag: str) -> Path:
    (facts,) = (each for each in members if each.endswith(".dist-info/WHEEL"))
    lines = [line for line in members[facts].decode().splitlines() if not line.startswith("Tag:")]
    pure = "false" if tag == _TAG else "true"
    lines = [f"Root-Is-Purelib: {pure}" if "Purelib" in line else line for line in lines if line]
    members[facts] = ("\n".join([*lines, f"Tag: {tag}"]) + "\n\n").encode()
    record = facts.replace("/WHEEL", "/RECORD")
    members.pop(record, None)
    rows = [f"{name},sha256={_hash(body)},{len(body)}\n" for name, body in sorted(members.items())]
    members[record] = ("".join(rows) + f"{record},,\n").encode()
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as wheel:
        for name, body in sorted(members.items()):
            wheel.writestr(zipfile.ZipInfo(name, _TIME), body, zipfile.ZIP_DEFLATED)
    return path


def _hash(body: bytes) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(body).digest()).decode().rstrip("=")
