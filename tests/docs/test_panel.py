"""The page about the panel names the keys that the panel has."""

from __future__ import annotations

import json
import re

from tests.docs.markdown import DOCS

SCHEMA = DOCS.parent / "labextension" / "schema" / "plugin.json"


def test_every_key_of_the_panel_is_told_and_no_other() -> None:
    shortcuts = json.loads(SCHEMA.read_text("utf-8"))["jupyter.lab.shortcuts"]
    table = (DOCS / "panel.md").read_text("utf-8").partition("## Keys")[2]
    told = [key for row in re.findall(r"^\| (.*?) \|", table, re.M) for key in row.split(", ")]
    keys = {key.strip("`") for key in told if key.startswith("`")}
    assert keys - {"+", "-", "0"} == {key for each in shortcuts for key in each["keys"]}
