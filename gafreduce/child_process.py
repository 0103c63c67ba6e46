"""Commands that start another interpreter with a module of this package.

The new interpreter imports from where this one imports, and from nowhere else: neither the working
folder nor a `PYTHON...` variable has a say. So a file `json.py` in the working folder is not
executed, and applications that carry their own import path (pex, shiv) work.
"""

# no `from __future__`: __main__ imports this before it knows where imports come from
import os
import sys

import gafreduce

TYPE_CHECKING = False
if TYPE_CHECKING:
    import subprocess
    from collections.abc import Callable
    from typing import Any

_PROGRAM = """\
import sys
sys.path[:] = {path!r}
from gafreduce import processes
for lifeline in {lifelines}:
    processes.watch_lifeline(lifeline)
import runpy
runpy.run_module({module!r}, run_name="__main__", alter_sys=True)
"""


def make_python_command(module: str, *arguments: str) -> list[str]:
    """Return the command that runs a module of this package as a program; see `start_python`.

    Args:
        module: Dotted name of the module.
        arguments: Its arguments.
    """
    from gafreduce import processes

    lifelines = processes.list_inherited()
    path = list_trusted_entries(sys.path)
    program = _PROGRAM.format(path=path, lifelines=lifelines, module=module)
    # isolated (-I): without the working folder, PYTHONPATH and the user's site-packages, whose
    # entries are in the path of this process when it may use them
    options = ["-I", "-X", "utf8", *(["-B"] if sys.dont_write_bytecode else [])]
    return [sys.executable, *options, "-c", program, *arguments]


def start_python(module: str, *arguments: str, **options: "Any") -> "subprocess.Popen[bytes]":
    """Start a module of this package as a program that ends with this process.

    Args:
        module: Dotted name of the module.
        arguments: Its arguments.
        options: Of `subprocess.Popen`.
    """
    import subprocess

    from gafreduce import processes

    command = make_python_command(module, *arguments)
    process = subprocess.Popen(command, pass_fds=processes.list_inherited(), **options)
    processes.tie_program(process)
    return process


def communicate(
    process: "subprocess.Popen[bytes]",
    description: str,
    show: "Callable[[bytes], None]" = lambda output: None,
) -> tuple[bytes, bytes]:
    """Return the output and the errors of a process when it has ended.

    Args:
        process: The process.
        description: What it does, for a warning when it is stopped.
        show: Called from time to time, and at the end, with its output up to now.
    """
    import subprocess

    from gafreduce import processes

    while True:
        try:
            output, errors = process.communicate(timeout=processes.TICK_SECONDS)
        except subprocess.TimeoutExpired as waited:
            show(waited.output or b"")
            processes.warn_if_stopped(process.pid, description)
        else:
            show(output or b"")
            return output, errors


#: Variables with folders in which the dynamic loaders of Linux and macOS look for libraries.
_LIBRARY_PATHS = ("LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH")


def restart_with_trusted_libraries() -> None:
    """Start this process again if its libraries could come from the working folder.

    That is what an empty or relative entry of LD_LIBRARY_PATH means, and appending to a variable
    that is not set leaves an empty one. Loaders read the variable only when a process starts.
    """
    if os.name == "nt":  # its loader never looks in the folders of a variable but PATH
        return
    kept = {name: list_trusted_libraries(os.environ.get(name, "")) for name in _LIBRARY_PATHS}
    changed = {name: value for name, value in kept.items() if value != os.environ.get(name, "")}
    if not changed or not sys.executable:
        return
    os.environ.update(changed)
    try:
        os.execv(sys.executable, [sys.executable, *sys.orig_argv[1:]])
    except OSError:  # its children are safe at least
        return


def list_trusted_libraries(value: str) -> str:
    """Return the absolute folders of a path of libraries.

    >>> list_trusted_libraries("/opt/lib::lib;$ORIGIN/lib:/usr/lib:")
    '/opt/lib:$ORIGIN/lib:/usr/lib'
    """
    entries = value.replace(";", ":").split(":")
    kept = [entry for entry in entries if entry.startswith(("/", "$ORIGIN", "${ORIGIN}"))]
    return value if kept == entries else ":".join(kept)


def list_trusted_entries(path: list[str]) -> list[str]:
    """Return the entries of an import path without the working folder and relative folders.

    Python makes relative entries of PYTHONPATH absolute; they are recognised by the variable. An
    absolute entry stays: module systems of clusters provide libraries in that way. The folder that
    holds this package stays, also when it is the working folder: a checkout that is started from
    its own folder is executed anyway.

    >>> list_trusted_entries(["", ".", "lib", "/usr/lib/python3"])
    ['/usr/lib/python3']
    """
    home = os.path.dirname(os.path.dirname(os.path.abspath(gafreduce.__file__)))
    named = os.environ.get("PYTHONPATH", "").split(os.pathsep)
    try:
        relative = {os.path.abspath(entry) for entry in named if not os.path.isabs(entry)}
    except OSError:  # the working folder was removed, so nothing can be imported from it
        relative = set()
    return [entry for entry in path if entry == home or _is_trusted(entry, relative)]


def _is_trusted(entry: str, relative: "set[str]") -> bool:
    if not os.path.isabs(entry):
        return False
    is_suspect = entry in relative or _is_working_folder(entry)
    return not is_suspect or entry in _list_folders_of_python()


def _is_working_folder(entry: str) -> bool:
    try:
        return os.path.samefile(entry, os.curdir)
    except OSError:
        return False


def _list_folders_of_python() -> "set[str]":
    """Return the folders of the standard library and of installed packages."""
    library = os.path.dirname(os.__file__)
    site = sys.modules.get("site")  # imported when Python starts, unless an option prevents it
    packages = [*site.getsitepackages(), site.getusersitepackages()] if site else []
    return {library, os.path.join(library, "lib-dynload"), *packages}
