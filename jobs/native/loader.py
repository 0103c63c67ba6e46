"""Load the C extension, if there is one.

`_compiled` is built from `jobs/native/*.c` when the package is installed and there is a C compiler.
It is shipped with the job to a cluster; a node that cannot load it does without it.
With or without it, all records are the same bytes.
"""

from __future__ import annotations

import os
import sys
from importlib import import_module
from importlib.machinery import ExtensionFileLoader
from importlib.util import module_from_spec, spec_from_loader
from typing import TYPE_CHECKING, Any

#: Must equal `VERSION` of the extension; raise both when an interface changes.
VERSION = 7
#: Name of the extension in the working folder of a cluster's task.
SHIPPED_NAME = "_compiled.abi3.so"
#: Environment variable that, set to anything, keeps the extension from being loaded.
PURE_VARIABLE = "GAFREDUCE_PURE"
#: Hadoop sets it for its tasks, in whose working folder the extension lies. Elsewhere the working
#: folder is the user's, and a file of that name there is not ours.
_TASK_VARIABLE = "mapreduce_task_attempt_id"
_MODULE_NAME = "gafreduce.jobs.native._compiled"


def has_extension() -> bool:
    """Return whether there is a C extension; without one `module` is None."""
    return module is not None


def _load() -> Any:
    """Return the extension, or None when there is none or it was built from other sources."""
    if os.environ.get(PURE_VARIABLE):
        return None
    try:
        found: Any = import_module(_MODULE_NAME)
    except ImportError:  # not built, or this package is in a zip, which no extension loads from
        found = _load_shipped() if os.environ.get(_TASK_VARIABLE) else None
    return found if getattr(found, "VERSION", None) == VERSION else None


def _load_shipped() -> Any:
    path = os.path.abspath(SHIPPED_NAME)
    if not os.path.isfile(path):
        return None
    loader = ExtensionFileLoader(_MODULE_NAME, path)
    spec = spec_from_loader(loader.name, loader)
    if spec is None:
        return None
    try:
        shipped = sys.modules[loader.name] = module_from_spec(spec)
        loader.exec_module(shipped)
    except ImportError:  # built for another platform
        return None
    return shipped


if TYPE_CHECKING:
    from gafreduce.jobs.native import _compiled

    module = _compiled
else:
    module = _load()
