"""Stand-ins for what mrjob 0.7.4 asks of modules that Python dropped: `distutils` and `pipes`.

With them mrjob runs on Python 3.12 and later, on this machine and on a cluster's nodes, which have
nothing but Python. They also take the place of modules that are still there: where setuptools is
installed, it gives `distutils` another one of its own, which takes 50 ms of each start.
"""

from __future__ import annotations

import re
import shlex
import shutil
import sys
from types import ModuleType
from typing import Dict, Tuple


class LooseVersion(Tuple[int, ...]):
    """A version that compares by its numbers: all that mrjob asks of Hadoop's.

    >>> LooseVersion("3.10.1") >= LooseVersion("3.9")
    True
    """

    def __new__(cls, text: str) -> LooseVersion:
        """Read the numbers of a version."""
        return super().__new__(cls, map(int, re.findall("[0-9]+", text)))


#: What each module has that mrjob imports.
_NEEDED: Dict[str, Dict[str, object]] = {
    "pipes": {"quote": shlex.quote},
    "distutils": {},
    "distutils.spawn": {"find_executable": shutil.which},
    "distutils.version": {"LooseVersion": LooseVersion},
}


def stand_in() -> None:
    """Put the stand-ins where an import finds them; what was imported before stays."""
    for name, needed in _NEEDED.items():
        if name not in sys.modules:
            module = sys.modules[name] = ModuleType(name, __doc__)
            vars(module).update(needed)
