"""Replacements for the modules `distutils` and `pipes`, which mrjob 0.7.4 imports.

Python 3.12 and 3.13 removed them, and nodes of a cluster have nothing but Python. They also replace
modules that exist: where setuptools is installed, its own `distutils` takes 50 ms of each start.

mrjob also imports YAML and the HTTP client, which tasks and most runs never use. They are imported
when they are used, which saves 50 ms of each run and of each task on a cluster.
"""

from __future__ import annotations

import importlib
import importlib.util
import re
import shlex
import shutil
import sys
from functools import partial
from types import ModuleType
from typing import Any, Dict, Sequence, Tuple


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

#: Modules that are imported when they are used, and the functions that mrjob imports by name.
_SELDOM_USED: Dict[str, Sequence[str]] = {
    "urllib.request": ("pathname2url", "urlopen"),
    "yaml": (),
}


def install_modules() -> None:
    """Add the replacements to `sys.modules`, except for modules that are imported already."""
    for name, needed in _NEEDED.items():
        if name not in sys.modules:
            module = sys.modules[name] = ModuleType(name, __doc__)
            vars(module).update(needed)
    for name, functions in _SELDOM_USED.items():
        if name not in sys.modules and importlib.util.find_spec(name):
            module = sys.modules[name] = _LazyModule(name, functions)
            package, _, child = name.rpartition(".")
            if package:
                setattr(sys.modules[package], child, module)


class _LazyModule(ModuleType):
    """Stands for a module until one of its names is used, and then imports it."""

    def __init__(self, name: str, functions: Sequence[str]) -> None:
        super().__init__(name)
        for function in functions:
            setattr(self, function, partial(_call_function, name, function))

    def __getattr__(self, name: str) -> Any:
        """Return an attribute of the real module, which takes this one's place."""
        if name == "__path__" and "." in self.__name__:  # the import statement asks for it
            raise AttributeError(name)
        return getattr(_import_real(self.__name__), name)


def _call_function(module: str, function: str, *arguments: Any, **options: Any) -> Any:
    """Call a function of the real module."""
    return getattr(_import_real(module), function)(*arguments, **options)


def _import_real(name: str) -> ModuleType:
    """Return the module for which a lazy one stands."""
    if isinstance(sys.modules.get(name), _LazyModule):
        del sys.modules[name]
    return importlib.import_module(name)
