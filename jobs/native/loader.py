"""The C extension, where there is one.

`_compiled` is made of `jobs/native/` when the package is installed, if there is a C compiler. On a
cluster it is shipped beside the job; a node for which it was not made goes without it. With or
without it, records are the same to the byte.
"""

from __future__ import annotations

import os
import sys
from importlib import import_module
from importlib.machinery import ExtensionFileLoader
from importlib.util import module_from_spec, spec_from_loader
from typing import Any

#: What the module must say of itself: it changes with what is asked of it.
VERSION = 5
#: The name under which a cluster's task finds it in its working folder.
SHIPPED_NAME = "_compiled.abi3.so"
#: Set to anything: go without it.
PURE_VARIABLE = "GAFREDUCE_PURE"


def _load() -> Any:
    if os.environ.get(PURE_VARIABLE):
        return None
    try:
        return import_module("gafreduce.jobs.native._compiled")
    except ImportError:  # not made, or this code lies in a zip, from where none can be loaded
        pass
    path = os.path.abspath(SHIPPED_NAME)
    if not os.path.isfile(path):
        return None
    loader = ExtensionFileLoader("gafreduce.jobs.native._compiled", path)
    spec = spec_from_loader(loader.name, loader)
    try:
        if spec is not None:
            shipped = sys.modules[loader.name] = module_from_spec(spec)
            loader.exec_module(shipped)
            return shipped
    except ImportError:  # made for another platform
        pass
    return None


def _load_fitting() -> Any:
    """Return the module; None also when it was made of older sources than this code."""
    found = _load()
    return found if getattr(found, "VERSION", None) == VERSION else None


#: The module, or None.
module: Any = _load_fitting()
