"""Cross-build the wheel for Windows, with the C extension, by MinGW.

The wheel is the one of this system with another compiled module: the stable interface of Python
3.11 (`python3.dll`), so one wheel serves this Python and all later ones.
"""

from __future__ import annotations

import base64
import hashlib
import subprocess
import sys
import tempfile
import tomllib
import zipfile
from pathlib import Path

from wine_windows import build
from wine_windows.shims import GCC

_TAG = "cp311-abi3-win_amd64"
_TIME = (1980, 1, 1, 0, 0, 0)
_MODULE = "gafreduce/jobs/native/_compiled"


def build_wheel(root: Path, target: Path, with_extension: bool = True) -> Path:
    """Build the wheel, with or without the C extension, and return its path.

    Args:
        root: The checkout.
        target: The folder of the wheel.
        with_extension: Without it the wheel is that of a machine without a compiler.
    """
    target.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as name:
        scratch = Path(name)
        pip = (sys.executable, "-m", "pip", "wheel", "-q", "--no-deps")
        options = ("--no-build-isolation", "-w", str(scratch))
        subprocess.run([*pip, *options, str(root)], check=True)
        (here,) = scratch.glob("gafreduce-*.whl")
        members: dict[str, bytes] = {}
        with zipfile.ZipFile(here) as wheel:
            for each in wheel.namelist():
                if not each.startswith(_MODULE) or each.endswith(".pyi"):
                    members[each] = wheel.read(each)
        tag = _TAG if with_extension else "py3-none-any"
        if with_extension:
            module = scratch / "_compiled.pyd"
            _compile(root, module)
            members[f"{_MODULE}.pyd"] = module.read_bytes()
        version = here.name.split("-")[1]
        return _write(target / f"gafreduce-{version}-{tag}.whl", members, tag)


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
