"""Commands that start another interpreter with a module of this package.

The new interpreter imports from where this one imports, and from nowhere else: neither the working
folder nor a `PYTHON...` variable has a say. So a file `json.py` in the working folder is not
executed, and applications that carry their own import path (pex, shiv) work.
"""

# no `from __future__`: __main__ imports this before it knows where imports come from
import os
import sys

import gafreduce

_PROGRAM = """\
import sys
sys.path[:] = {path!r}
import runpy
runpy.run_module({module!r}, run_name="__main__", alter_sys=True)
"""


def make_python_command(module: str, *arguments: str) -> list[str]:
    """Return the command that runs a module of this package as a program.

    Args:
        module: Dotted name of the module.
        arguments: Its arguments.
    """
    program = _PROGRAM.format(path=list_trusted_entries(sys.path), module=module)
    # isolated (-I): without the working folder, PYTHONPATH and the user's site-packages, whose
    # entries are in the path of this process when it may use them
    options = ["-I", "-X", "utf8", *(["-B"] if sys.dont_write_bytecode else [])]
    return [sys.executable, *options, "-c", program, *arguments]


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
    relative = {os.path.abspath(entry) for entry in named if not os.path.isabs(entry)}
    return [
        entry
        for entry in path
        if entry == home
        or (os.path.isabs(entry) and entry not in relative and not _is_working_folder(entry))
    ]


def _is_working_folder(entry: str) -> bool:
    try:
        return os.path.samefile(entry, os.curdir)
    except OSError:
        return False
