"""The order of tests, and which of them stay in one process."""

import pytest

# What takes longest starts first, so that no process is left with it at the end.
FIRST = (
    "tests/slurm/test_slurm.py",
    "test_six_kills",
    "test_a_study_with_an_editor_from_images_to_figures",
    "test_kill_9_in_a_sweep",
    "test_results_do_not_depend_on_cores_or_jobs",
    "test_train_editor",
    "test_calibration_runs",
    "test_nan_frames",
    "tests/workflow/test_archive.py",
    "test_only_what_a_file_of_the_code_changes",
    "tests/workflow/test_survival.py",
    "tests/workflow/test_reruns.py",
    "tests/workflow/test_shipped_studies.py",
    "tests/workflow/test_families.py",
    "tests/workflow/test_outputs.py",
    "tests/workflow/test_digits.py",
    "tests/workflow/test_try_models.py",
    "tests/workflow/test_photographs.py",
)

# Tests that share what is slow to make and cannot be shared between processes.
TOGETHER = {
    "one cluster": ("tests/slurm/test_slurm.py",),
    "rates of null processes": ("tests/unit/calibration/test_rates.py",),
    "a finished study": ("tests/unit/studies/",),
    "the page": ("tests/app/",),
    "a copy of the code": ("test_only_what_a_file_of_the_code_changes",),
    "documentation": ("tests/unit/test_site.py",),
    "photographs": (
        "test_only_what_a_setting_of_photographs",
        "test_only_what_a_file_changes",
        "test_a_limit_that_failures_exceed",
        "test_memory_follows_the_weights",
        "test_rules_can_be_read",
    ),
    "a bare Python": (
        "test_a_study_gets_the_environments",
        "test_scores_in_their_own_environment",
        "test_every_rule_in_its_own_environment",
    ),
}


def pytest_collection_modifyitems(items):
    """Sort; what is not named keeps its place behind what is."""

    def place(item):
        return next((n for n, name in enumerate(FIRST) if name in item.nodeid), len(FIRST))

    items.sort(key=place)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config, log):
    """Send tests in this order, and each piece to one process.

    Groups of pytest-xdist 3.8 (`xdist_group`) do nothing with pytest 9.2, which keeps the name of
    a test elsewhere.
    """
    if config.getoption("dist") != "loadgroup":
        return None
    from xdist.scheduler import LoadScopeScheduling

    class Pieces(LoadScopeScheduling):
        def _split_scope(self, nodeid):
            return next(
                (piece for piece, names in TOGETHER.items() if any(n in nodeid for n in names)),
                nodeid,
            )

    config.option.loadscopereorder = False
    return Pieces(config, log)
