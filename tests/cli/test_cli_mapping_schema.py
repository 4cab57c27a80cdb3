"""`mapping schema`: what an editor is given."""

from __future__ import annotations

import json


def test_the_schema_is_printed_as_json_and_needs_no_valid_mapping(run, root):
    (root / "mappings.toml").write_text("broken =", encoding="utf-8")
    ran = run("mapping", "schema")
    assert (ran.status, ran.err) == (0, "")
    schema = ran.json
    assert schema["$schema"] == "http://json-schema.org/draft-07/schema#"
    assert (
        schema["definitions"]["RuleTable"]["properties"]["sales_rep"]["description"] == "Then this sales rep."
    )
    assert json.loads(run("--json", "mapping", "schema").out) == schema
