"""What Wine 8 lacks, and what the jar lacks: made with MinGW, from the names in their own files.

- ucrtbase.dll: numpy needs C99's complex functions, which Wine's has only as names. Ours has them
  and forwards all others to a copy of Wine's.
- python3.dll, through which modules of the stable interface load: forwards to python3NN.dll.
- bcryptprimitives.dll: modules in Rust ask it for random bytes. Ours asks advapi32.
- sitecustomize.py: what Wine 8 does otherwise than Windows.
"""

from __future__ import annotations

import re
import subprocess
import tempfile
from collections.abc import Sequence
from pathlib import Path

GCC = "x86_64-w64-mingw32-gcc"
_WINE_CRT = "/usr/lib/x86_64-linux-gnu/wine/x86_64-windows/ucrtbase.dll"
_EXPORT = re.compile(
    r"^\t\[ *\d+\](?: \+base\[ *\d+\])?\s+(?:[0-9a-f]{4,}\s+)?([A-Za-z_]\w*)$", re.MULTILINE
)
_TO_COMPLEX = (
    "cacos cacosh casin casinh catan catanh ccos ccosh cexp clog csin csinh csqrt ctan ctanh "
    "conj cproj"
)
_TO_REAL = "cabs carg cimag creal"
#: Windows passes complex numbers as structures.
_C_BEGIN = """\
#include <complex.h>
typedef struct { double re, im; } D;
typedef struct { float re, im; } F;
static double _Complex d(D x) { double _Complex z; __real__ z = x.re; __imag__ z = x.im; return z; }
static D pack_d(double _Complex z) { D x = {__real__ z, __imag__ z}; return x; }
static float _Complex f(F x) { float _Complex z; __real__ z = x.re; __imag__ z = x.im; return z; }
static F pack_f(float _Complex z) { F x = {__real__ z, __imag__ z}; return x; }
D own_cpow(D x, D y) { return pack_d(cpow(d(x), d(y))); }
F own_cpowf(F x, F y) { return pack_f(cpowf(f(x), f(y))); }
"""
_RANDOM = """\
#include <windows.h>
BOOLEAN NTAPI SystemFunction036(PVOID buffer, ULONG n_bytes);
BOOL WINAPI ProcessPrng(PBYTE buffer, SIZE_T n) { return SystemFunction036(buffer, (ULONG)n); }
"""
_SITE = r'''"""What Wine 8 does otherwise than Windows."""
import ntpath
import os


def _refuse(*arguments, **options):
    raise OSError(22, "A required privilege is not held by the client", None, 1314)


os.symlink = _refuse  # Wine says yes and makes nothing; Windows without developer mode says this
try:
    import _winapi

    del _winapi.CopyFile2  # Python 3.12 and later; Wine has none
except (ImportError, AttributeError):
    pass
_find_final = ntpath._getfinalpathname


def _find_final_of_any_length(path):
    try:
        return _find_final(path)
    except OSError as error:
        if error.winerror != 234:  # Wine has room for 260 characters
            raise
        return "\\\\?\\" + ntpath.abspath(path)


ntpath._getfinalpathname = _find_final_of_any_length
'''


def make(home: Path, version: str) -> None:
    """Make the shims in the folder of a Python."""
    with tempfile.TemporaryDirectory() as name:
        _make_crt(home, Path(name))
        _make_python3(home, version, Path(name))
        _make_random(home, Path(name))
    (home / "lib" / "site-packages" / "sitecustomize.py").write_text(_SITE)
    for module in home.rglob("_wmi.pyd"):  # it ends Python at Wine's half of its interface
        module.unlink()


def _run(*command: str | Path) -> str:
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def _make_crt(home: Path, scratch: Path) -> None:
    listed = _run("x86_64-w64-mingw32-objdump", "-p", _WINE_CRT)
    names = _EXPORT.findall(listed[listed.index("[Ordinal/Name Pointer] Table") :])
    assert len(names) > 2000, f"{len(names)} names in {_WINE_CRT}"
    own = {"cpow", "cpowf"}
    code = [_C_BEGIN]
    for each in _TO_COMPLEX.split():
        own |= {each, f"{each}f", f"{each}l"}
        code += [
            f"D own_{each}(D x) {{ return pack_d({each}(d(x))); }}",
            f"D own_{each}l(D x) {{ return pack_d({each}(d(x))); }}",
            f"F own_{each}f(F x) {{ return pack_f({each}f(f(x))); }}",
        ]
    for each in _TO_REAL.split():
        own |= {each, f"{each}f", f"{each}l"}
        code += [
            f"double own_{each}(D x) {{ return {each}(d(x)); }}",
            f"double own_{each}l(D x) {{ return {each}(d(x)); }}",
            f"float own_{each}f(F x) {{ return {each}f(f(x)); }}",
        ]
    source = scratch / "crt.c"
    source.write_text("\n".join(code) + "\n")
    exports = [f'"{each}" = "{"own_" if each in own else "ucrtwine."}{each}"' for each in names]
    definitions = _write_definitions(scratch / "crt.def", "ucrtbase.dll", exports)
    options = ("-O2", "-shared", "-s", "-static-libgcc")
    _run(GCC, *options, "-o", home / "ucrtbase.dll", source, definitions)
    (home / "ucrtwine.dll").write_bytes(Path(_WINE_CRT).read_bytes())


def _make_python3(home: Path, version: str, scratch: Path) -> None:
    listed = _run("x86_64-w64-mingw32-nm", home / "libs" / "python3.lib")
    names = sorted(set(re.findall(r" __imp_(\w+)$", listed, re.MULTILINE)))
    assert len(names) > 500, f"{len(names)} names in python3.lib"
    dll = f"python{version.replace('.', '')}"
    source = scratch / "entry.c"
    source.write_text("int DllMain(void *a, unsigned b, void *c) { return 1; }\n")
    definitions = _write_definitions(
        scratch / "python3.def", "python3.dll", [f"{each} = {dll}.{each}" for each in names]
    )
    options = ("-shared", "-nostdlib", "-Wl,-e,DllMain")
    _run(GCC, *options, "-o", home / "python3.dll", source, definitions)


def _make_random(home: Path, scratch: Path) -> None:
    source = scratch / "random.c"
    source.write_text(_RANDOM)
    options = ("-O2", "-shared", "-s", "-static-libgcc")
    _run(GCC, *options, "-o", home / "bcryptprimitives.dll", source, "-ladvapi32")


def _write_definitions(path: Path, library: str, exports: Sequence[str]) -> Path:
    path.write_text(f"LIBRARY {library}\nEXPORTS\n" + "".join(f"  {each}\n" for each in exports))
    return path
