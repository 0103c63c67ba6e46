from gafreduce.api.run import Run as Run
from gafreduce.api.run import open_run as open_run
from gafreduce.api.start import run as run

__all__ = ["Run", "open_run", "run"]
