"""`python -m wine_windows build|wheel|test [--quick]`."""

from __future__ import annotations

import argparse
import shutil
import sys
from pathlib import Path

from wine_windows import build, wheel

ROOT = Path(__file__).resolve().parents[3]


def main() -> None:
    """Do what the command line says."""
    parser = argparse.ArgumentParser()
    parser.add_argument("what", choices=("build", "wheel", "test"))
    parser.add_argument("--quick", action="store_true", help="samples and commands only")
    arguments = parser.parse_args()
    try:
        build.build()
        if arguments.what == "wheel":
            wheels = wheel.build_wheels(ROOT, ROOT / "build" / "windows")
            (ROOT / "dist").mkdir(exist_ok=True)
            print(shutil.copy(wheels["C"], ROOT / "dist"))  # noqa: T201
        elif arguments.what == "test":
            from wine_windows import checks

            checks.check_all(ROOT, is_quick=arguments.quick)
    except (build.BuildError, AssertionError) as error:
        sys.exit(f"wine_windows: {error}")


if __name__ == "__main__":
    main()
