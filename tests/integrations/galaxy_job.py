"""Run the first test of a Galaxy tool as Galaxy would, without a server: for planemo's Python.

galaxy_job.py TOOL DATA: reads the tool, fills the template of its command with the inputs of the
test, runs it in the working folder by bash, and compares outputs with the test's assertions.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

from galaxy.tool_util.parser import get_tool_source
from galaxy.tool_util.verify.asserts import verify_assertions
from galaxy.util.template import fill_template


class Dataset:
    """An input: its path as text, and the name that the user sees."""

    def __init__(self, path: Path) -> None:
        self.path, self.element_identifier = path, path.name

    def __str__(self) -> str:
        return str(self.path)


def main() -> int:
    tool, data = get_tool_source(sys.argv[1]), Path(sys.argv[2])
    (page,) = tool.parse_input_pages().page_sources
    kinds = {each.parse_name(): each for each in page.parse_input_sources()}
    values: dict[str, Any] = {}
    for name, each in kinds.items():
        values[name] = None if each.get("type") == "data" else each.get("value", "")
    (test,) = tool.parse_tests_to_dict()["tests"]
    for given in test["inputs"]:
        name, value = given["name"], given["value"]
        if kinds[name].get("type") == "data":
            files = [Dataset(data / word) for word in str(value).split(",")]
            values[name] = files if kinds[name].get_bool("multiple", False) else files[0]
        else:
            values[name] = value
    command = fill_template(tool.parse_command(), context=values)
    print(command)
    subprocess.run(["bash", "-c", command.replace("\n", " ")], check=True)
    checked = 0
    paths = {each.get("name"): each.get("from_work_dir") for each in tool.root.iter("data")}
    for output in test["outputs"]:
        content = Path(paths[output["name"]]).read_bytes()
        verify_assertions(content, output["attributes"]["assert_list"])
        checked += len(output["attributes"]["assert_list"])
    for collection in test["output_collections"]:
        for name, (_, attributes) in collection["element_tests"].items():
            content = Path("run/tables", f"{name}.tsv").read_bytes()
            verify_assertions(content, attributes["assert_list"])
            checked += len(attributes["assert_list"])
    print(f"{checked} assertions hold")
    return 0


if __name__ == "__main__":
    sys.exit(main())
