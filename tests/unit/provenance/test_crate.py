"""Rules of RO-Crate 1.1 and of Workflow RO-Crate 1.0, as their specifications state them.

https://www.researchobject.org/ro-crate/specification/1.1 and
https://about.workflowhub.eu/Workflow-RO-Crate.
"""

import json
from datetime import date
from urllib.parse import unquote

import pytest

from zollstock.errors import ZollstockError
from zollstock.files import sha256_of
from zollstock.provenance.crate import METADATA, crate, published
from zollstock.provenance.record import read_record


def check_crate(folder):
    """Check a crate against every MUST that concerns it; return its entities by @id."""
    metadata = json.loads((folder / METADATA).read_text(encoding="utf-8"))
    assert metadata["@context"][0] == "https://w3id.org/ro/crate/1.1/context"
    graph = metadata["@graph"]
    entities = {entity["@id"]: entity for entity in graph}
    # Flattened: every entity has an @id of its own and a @type, and refers to others by @id.
    assert len(entities) == len(graph)
    referred = set()
    for entity in graph:
        assert entity["@type"]
        for value in entity.values():
            for item in value if isinstance(value, list) else [value]:
                if isinstance(item, dict):
                    assert set(item) == {"@id"}
                    referred.add(item["@id"])
    descriptor = entities[METADATA]
    assert descriptor["@type"] == "CreativeWork"
    assert descriptor["about"] == {"@id": "./"}
    assert descriptor["conformsTo"] == [
        {"@id": "https://w3id.org/ro/crate/1.1"},
        {"@id": "https://w3id.org/workflowhub/workflow-ro-crate/1.0"},
    ]
    root = entities["./"]
    assert root["@type"] == "Dataset"
    assert root["name"] and root["description"] and root["license"]
    date.fromisoformat(root["datePublished"])
    # Files and folders are parts of the root, lie below it, and are there.
    parts = {part["@id"] for part in root["hasPart"]}
    for name, entity in entities.items():
        kinds = entity["@type"] if isinstance(entity["@type"], list) else [entity["@type"]]
        if name == "./" or not {"File", "Dataset"} & set(kinds):
            continue
        assert name in parts
        assert not name.startswith(("/", "..")) and "://" not in name
        assert (folder / name).is_dir() == name.endswith("/") == ("Dataset" in kinds)
        assert (folder / unquote(name)).exists()
        if "File" in kinds:
            assert entity["sha256"] == sha256_of(folder / unquote(name))
            assert entity["encodingFormat"]
    assert parts <= set(entities)
    main = entities[root["mainEntity"]["@id"]]
    assert set(main["@type"]) == {"File", "SoftwareSourceCode", "ComputationalWorkflow"}
    language = entities[main["programmingLanguage"]["@id"]]
    assert language["@type"] == "ComputerLanguage"
    assert language["name"] == "Snakemake"
    # What is referred to within the crate is described in it.
    outside = {"https://w3id.org/ro/crate/1.1", descriptor["conformsTo"][1]["@id"]}
    outside |= {language["identifier"]["@id"], language["url"]["@id"]}
    assert referred - outside <= set(entities)
    return entities


def test_crate_keeps_the_rules(study):
    entities = check_crate(study)
    assert entities["./"]["name"] == "small"
    assert entities["https://spdx.org/licenses/CC-BY-4.0"]["@type"] == "CreativeWork"
    assert entities["figures/summary.png"]["encodingFormat"] == "image/png"
    assert entities["README.md"]["encodingFormat"] == "text/markdown"
    assert entities["interventions/fur.zarr/"]["@type"] == "Dataset"


def test_names_are_those_of_addresses(study):
    """An @id is a URI reference, which holds no blank (RO-Crate 1.1, data entities)."""
    record = read_record(study)
    record["files"]["figures/my cat.png"] = {"part": "figures", "sha256": "0", "bytes": 1}
    metadata = crate(record, "0", {"record", "figures"}, "2026-01-02", None)
    names = {entity["@id"]: entity["name"] for entity in metadata["@graph"] if "name" in entity}
    assert names["figures/my%20cat.png"] == "figures/my cat.png"
    assert crate(record, "0", {"record", "figures"}, "2026-01-02", None) == metadata


def test_parts_that_are_not_there_are_not_listed(study):
    record = read_record(study)
    graph = crate(record, "0", {"tables", "record"}, "2026-01-02", None)["@graph"]
    names = {entity["@id"] for entity in graph}
    assert "scores/summary.csv" in names
    assert not [name for name in names if name.startswith(("figures", "predictions", "images/p"))]
    assert "interventions/fur.zarr/" not in names


@pytest.mark.parametrize(
    ("given", "value"),
    [
        ("CC0-1.0", {"@id": "https://spdx.org/licenses/CC0-1.0"}),
        ("https://example.org/terms", {"@id": "https://example.org/terms"}),
        ("Ask us first.", "Ask us first."),
    ],
)
def test_licence_is_a_name_an_address_or_a_sentence(study, given, value):
    graph = crate(read_record(study), "0", {"record"}, "2026-01-02", given)["@graph"]
    assert next(entity for entity in graph if entity["@id"] == "./")["license"] == value


def test_a_commit_is_told(study):
    record = read_record(study) | {"git": {"commit": "abc123", "dirty": True}}
    graph = crate(record, "0", {"record"}, "2026-01-02", None)["@graph"]
    main = next(entity for entity in graph if entity["@id"].endswith("Snakefile"))
    assert main["identifier"] == "git commit abc123, with changes"


def test_date_is_that_of_source_date_epoch():
    assert published({"SOURCE_DATE_EPOCH": "1700000000"}) == "2023-11-14"
    date.fromisoformat(published({}))
    with pytest.raises(ZollstockError, match="SOURCE_DATE_EPOCH: is 'now'"):
        published({"SOURCE_DATE_EPOCH": "now"})
