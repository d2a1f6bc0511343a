"""What the plan knows of the stage trace."""

from zollstock.plan.study import Plan
from zollstock.settings import parse_study
from zollstock.trace.tables import AS_CSV, TABLES
from zollstock.trace.tables import FILES as TABLES_OF_TRACE

OWN = {"family": "onnx", "weights": "m.onnx", "classes": ["cat", "dog"]}


def tracing(trace=None, **models):
    config = {
        "study": "s",
        "images": {"source": "renderer"},
        "properties": {
            "fur": {"engine": "rendered", "latent": "fur_lightness"},
            "light": {"engine": "rendered", "latent": "background_brightness"},
            "noise": {"engine": "rendered", "latent": "noise_angle", "placebo": True},
            "both": {"engine": "grid", "first": "fur", "second": "light"},
        },
        "models": {"m": {"trained_on": "unbiased"}} | models,
    }
    if trace is not None:
        config["trace"] = trace
    return Plan(parse_study(config, "file")).tracing


def test_it_is_asked_for_by_its_section():
    assert not tracing().asked and tracing({}).asked
    # With its defaults it can be run by name.
    assert tracing().settings == tracing({}).settings


def test_placebos_and_grids_are_not_looked_at():
    assert tracing().properties == ["fur", "light"]
    assert tracing({"properties": ["light"]}).properties == ["light"]


def test_models_outside_of_torch_are_left_out():
    assert tracing(own=OWN).models == ["m"]


def test_what_is_switched_off_has_no_figures():
    maps = {"attributions", "attribution_ranking"}
    absent = {"graphs", "nodes", "stability"} | maps
    assert tracing().absent == absent
    assert tracing({"mediation": None}).absent == absent | {"mediation"}
    assert tracing({"graph": {}}).absent == {"stability"} | maps
    assert tracing({"graph": {}, "stability": {}}).absent == maps
    assert tracing({"graph": {}, "attribution": {}}).absent == {"stability"}


def test_a_job_hangs_on_the_section_and_on_what_tests_its_model():
    torch = {"family": "timm", "name": "resnet18.a1_in1k"}
    found = tracing({"frames": 5, "graph": {}}, own=torch)
    job = found.job("m")
    assert set(job) == {"trace", "data"}
    assert job["trace"]["frames"] == 5 and job["trace"]["graph"]["rule"] == "paired"
    assert job["data"] == found._training.tested()["m"] and job["data"]
    # An imported model is tested with the study's own pictures.
    assert found.models == ["m", "own"]
    assert found.job("own")["data"] is None and found.files("own") == []
    modules = found.modules("m")
    assert {f"zollstock.trace.methods.{name}" for name in ("eap_ig", "exact")} <= set(modules)
    assert "zollstock.trace.interventions.swapped" in modules
    assert set(found.modules("own")) < set(modules)


def test_all_tables_have_a_file():
    assert set(TABLES_OF_TRACE) == set(TABLES)
    assert {name for name, file in TABLES_OF_TRACE.items() if file.endswith(".csv")} == {*AS_CSV}
