"""The conda recipe, rendered by rattler-build; and a package of this tree that it builds.

No channel is asked: compilers, Python and dependencies of the recipe are not resolved. The package
is built by the same script with the Python of the tests, and without requirements.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
import tomllib
from collections.abc import Callable
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).parents[2]

Engine = Callable[..., subprocess.CompletedProcess[str]]

pytestmark = pytest.mark.timeout(600)

_RENDER = """
import json, sys
from rattler_build import PlatformConfig, RenderConfig, Stage0Recipe, VariantConfig

recipe = Stage0Recipe.from_file(sys.argv[1])
variants = VariantConfig.from_yaml(sys.argv[2])
config = RenderConfig(platform=PlatformConfig(target_platform=sys.argv[3]))
for variant in recipe.render(variants, config):
    needs = variant.recipe.requirements
    print(json.dumps({name: list(map(str, getattr(needs, name))) for name in ("build", "run")}))
"""
_BUILD = """
import sys
from rattler_build import build_recipes

build_recipes([sys.argv[1]], channel=[], output_dir=sys.argv[2], test="skip")
"""
#: Packages that conda-forge divides: the part that the recipe takes.
_PARTS = {"pyarrow": "pyarrow-core", "matplotlib": "matplotlib-base"}


def list_dependencies(python: str) -> set[str]:
    """Return what the wheel declares, as conda writes it."""
    project = tomllib.loads((REPOSITORY / "pyproject.toml").read_text())["project"]
    found = {f"python {project['requires-python']}"}
    for text in project["dependencies"]:
        requirement, _, marker = text.partition(";")
        name, sign, version = re.split("(==|>=)", requirement.strip())
        if not marker or (marker.strip() == "python_version < '3.14'" and python != "3.14"):
            found.add(f"{_PARTS.get(name, name)} {sign}{version}")
    return found


@pytest.mark.parametrize("platform", ["linux-64", "linux-aarch64", "osx-arm64"])
@pytest.mark.parametrize("python", ["3.11", "3.14"])
def test_recipe_needs_what_the_wheel_declares(
    call: Engine, engines: Path, integrations: Path, platform: str, python: str
) -> None:
    variants = f'{{python: ["{python}.*"], c_compiler: [gcc], c_stdlib: [sysroot]}}'
    recipe = integrations / "conda" / "recipe.yaml"
    program = engines / "rattler-build" / "bin" / "python"
    rendered = call(program, "-c", _RENDER, recipe, variants, platform).stdout.splitlines()
    (needs,) = map(json.loads, rendered)
    assert set(needs["run"]) == list_dependencies(python)
    assert needs["build"] == [f"gcc_{platform}", f"sysroot_{platform}"]


def test_rattler_build_makes_a_package_of_this_tree(
    call: Engine, engines: Path, tmp_path: Path
) -> None:
    recipe = tmp_path / "recipe.yaml"
    script = f"{sys.executable} -m pip install . --no-deps --no-build-isolation -q --prefix=$PREFIX"
    recipe.write_text(
        "schema_version: 1\n"
        "package: {name: gafreduce, version: '0'}\n"
        f"source: {{path: {json.dumps(str(REPOSITORY))}, use_gitignore: true}}\n"
        f"build: {{number: 0, script: {json.dumps(script)}}}\n"
        "about: {license: BSD-3-Clause, license_file: LICENSE}\n"
    )
    program = engines / "rattler-build" / "bin" / "python"
    call(program, "-c", _BUILD, recipe, tmp_path / "out")
    (package,) = (tmp_path / "out").glob("*/gafreduce-0-*.conda")
    paths = call(
        program,
        "-c",
        "import sys; from rattler_build import Package; "
        "print(*Package.from_file(sys.argv[1]).files, sep='\\n')",
        package,
    ).stdout.splitlines()
    assert "bin/gafreduce" in paths
    assert any(path.endswith("gafreduce/jobs/records.py") for path in paths)
