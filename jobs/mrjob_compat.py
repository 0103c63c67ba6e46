"""Replacements for the modules `distutils` and `pipes`, which mrjob 0.7.4 imports.

Python 3.12 and 3.13 removed them, and nodes of a cluster have nothing but Python. They also replace
modules that exist: where setuptools is installed, its own `distutils` takes 50 ms of each start.
"""

from __future__ import annotations

import re
import shlex
import shutil
import sys
from types import ModuleType
from typing import Dict, Tuple


class LooseVersion(Tuple[int, ...]):
    """A version that is compared by its numbers, as mrjob compares versions of Hadoop.

    >>> LooseVersion("3.10.1") >= LooseVersion("3.9")
    True
    """

    def __new__(cls, text: str) -> LooseVersion:
        """Read the numbers of a version."""
        return super().__new__(cls, map(int, re.findall("[0-9]+", text)))


#: The names that mrjob imports from each module.
_NEEDED: Dict[str, Dict[str, object]] = {
    "pipes": {"quote": shlex.quote},
    "distutils": {},
    "distutils.spawn": {"find_executable": shutil.which},
    "distutils.version": {"LooseVersion": LooseVersion},
}


def install_modules() -> None:
    """Add the replacements to `sys.modules`, except for modules that are imported already."""
    for name, needed in _NEEDED.items():
        if name not in sys.modules:
            module = sys.modules[name] = ModuleType(name, __doc__)
            vars(module).update(needed)
