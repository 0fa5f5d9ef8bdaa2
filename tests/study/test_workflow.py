"""What is decided before any job starts: which runs there are, and every mistake in the config or in a variant's file."""

import copy
import re
from pathlib import Path

import pytest
import yaml
from snakemake.utils import update_config, validate

from rnnbench.errors import RuleError
from rnnbench.gradients import registry
from rnnbench.study.roles import Role
from rnnbench.study.settings import SettingsError, check_files, check_schema
from rnnbench.study.variants import LIBRARIES
from rnnbench.study.workflow import Plan, check_variants

ROOT = Path(__file__).parents[2]
SCHEMA = ROOT / "workflow" / "schemas" / "config.schema.json"
DEFAULT = yaml.safe_load((ROOT / "config" / "config.yaml").read_text(encoding="utf-8"))
BASE = {
    "library": "numpy",
    "recipe": "online",
    "change": {},
    "tasks": None,
    "role": None,
    "code": None,
    "settings": None,
    "seed": 0,
}
SAID = {
    "keras": {**BASE, "library": "keras", "gradient": "bptt", "recipe": "minibatch"},
    "numpy-bptt": {**BASE, "gradient": "bptt", "recipe": "minibatch"},
    "numpy-posted": {**BASE, "gradient": "posted"},
    "numpy-rtrl": {**BASE, "gradient": "rtrl", "tasks": ["xor"]},
    "rules-bptt": {**BASE, "gradient": "bptt", "recipe": "rules"},
    "rules-uoro": {**BASE, "gradient": "uoro", "recipe": "rules"},
}
UP = {"title": "up", "rungs": [{"variant": "numpy-postd", "change": "a"}, {"variant": "keras", "change": "b"}]}


def plan(changes=(), said=SAID):
    """The plan of the default study with changes in its config, checked as the workflow does it."""
    config = copy.deepcopy(DEFAULT)
    alone = {"variants": {"elman": ["numpy-posted"]}, "leave_out": {"xor": [], "mnist": []}, "ladder": {"xor": [], "mnist": []}}
    alone["claims"] = []
    update_config(config, {**alone, **dict(changes)})
    check_schema(config, SCHEMA)
    validate(config, str(SCHEMA))
    found = Plan(config, SCHEMA, said)
    found.check()
    return found


def test_runs_are_those_of_the_config_and_of_the_variants_own_word():
    found = plan()
    assert found.by_task["elman"] == ["numpy-posted"] and "mnist/numpy-rtrl" not in found.runs
    assert found.by_task["xor"] == sorted(SAID) and found.runs[0] == "xor/keras"
    assert found.beside_keras == ["xor", "mnist"]  # Elman's units start at 1/2
    assert found.reference == {"xor": "rules-bptt", "mnist": "rules-bptt"} and found.compared("xor") == ["bptt", "uoro"]
    assert found.cost_recipes == {"xor": "minibatch", "mnist": "minibatch"}


def test_a_whole_report_is_made_of_every_run_verdict_and_comparison():
    found = plan({"trial": {"rules": ["posted"]}})
    expected = {part["what"]: part for part in found.expected()}
    assert set(found.judged) == {"posted", "bptt", "rtrl", "uoro"}  # the one that is asked for, and all that are trained
    assert expected["keras on xor"]["jobs"][1:] == ["prepare_xor", "try_rates_xor_keras", "train_xor_keras", "diagnose_xor_keras"]
    assert {"The cost study", "The verdict on uoro", "NumPy beside Keras on xor", "Staleness on elman"} <= set(expected)
    assert "NumPy beside Keras on elman" not in expected
    assert len({part["file"] for part in expected.values()}) == len(expected)


def test_more_replicates_than_a_job_trains_are_cut_into_blocks():
    found = plan({"block": 50})
    assert found.blocks("xor/numpy-posted") == [f"xor/numpy-posted.{block}" for block in ("0-49", "50-99", "100-127")]
    assert found.blocks("xor/rules-uoro") == ["xor/rules-uoro"]  # of 32
    (posted,) = (part for part in found.expected() if part["what"] == "numpy-posted on xor")
    trained = [f"train_xor_numpy-posted.{block}" for block in ("0-49", "50-99", "100-127")]
    assert posted["jobs"][-5:] == ["try_rates_xor_numpy-posted", *trained, "diagnose_xor_numpy-posted"]
    assert posted["provenance"][1] == "results/runs/xor/numpy-posted.50-99/run.json"
    if "jax" in registry.installed():  # XLA finds other bits for another number of replicates
        jax = {**SAID, "jax": {**SAID["numpy-bptt"], "gradient": "jax"}}
        assert plan({"block": 50}, jax).blocks("xor/jax") == ["xor/jax"]
    with pytest.raises(SettingsError, match="for a smaller block, or raise"):
        plan({"limits": {"memory_gb": 1e-4}})
    assert plan({"limits": {"memory_gb": 1e-4}, "block": 1}).runs


def test_the_digest_of_a_training_covers_its_own_rule_and_trainer_alone():
    found = plan()
    assert found.of_training("rules-uoro") == ["rnnbench.study.training.numpy_trainer", "rnnbench.gradients.uoro"]
    assert found.of_training("keras") == ["rnnbench.study.training.keras_trainer"]


def claimed(**changes):
    return {"claim": "So.", "source": "me", "tried": [{"task": "xor", "variant": "keras", "reference": "keras", **changes}]}


def contrast(**changes):
    return {"contrasts": [{"question": "Why?", "task": "xor", "variant": "keras", "reference": "keras", **changes}]}


def table(**changes):
    row = {"task": "xor", "variant": "keras", "mean": 1, "deviation": 1, "seeds": 10, **changes}
    return {"published": [{"source": "me", "rows": [row]}]}


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"sede": 1}, "unknown key 'sede'; did you mean 'seed'?"),
        ({"tasks": {"xor": {"repliactes": 1}}}, "tasks.xor: unknown key 'repliactes'; did you mean 'replicates'?"),
        ({"variants": {"xor": ["numpy-postd"]}}, "there is no variant 'numpy-postd'; did you mean 'numpy-posted'?"),
        ({"leave_out": {"xor": ["numpy-postd"]}}, "config, leave_out.xor: there is no variant 'numpy-postd'; did you mean"),
        ({"targets": {"xro": 1}}, "config, targets: there is no task 'xro'; did you mean 'xor'?"),
        ({"statistics": {"margins": {"xro": 1}}}, "config, statistics.margins: there is no task 'xro'; did you mean 'xor'?"),
        ({"ladder": {"xro": []}}, "config, ladder: there is no task 'xro'; did you mean 'xor'?"),
        ({"ladder": {"xor": [UP]}}, "no variant 'numpy-postd' is for task xor; did you mean 'numpy-posted'?"),
        ({"claims": [claimed(task="xro")]}, "config, claims: there is no task 'xro'; did you mean 'xor'?"),
        ({"claims": [claimed(without="numpy-postd")]}, "config, claims, 'So.': no variant 'numpy-postd' is for task xor"),
        ({"claims": [claimed(over="keras")]}, "claims.0.tried.0: unknown key 'over'"),
        ({"prequential": contrast(task="xro")}, "config, prequential.contrasts, 'Why?': there is no task 'xro'; did you mean"),
        (
            {"prequential": contrast(reference="numpy-postd")},
            "prequential.contrasts, 'Why?': no variant 'numpy-postd' is for task",
        ),
        (
            {"prequential": {"contrasts": contrast(task="xro")["contrasts"] + contrast()["contrasts"]}},  # one question twice
            "config, prequential.contrasts, 'Why?': there is no task 'xro'; did you mean",
        ),
        ({"prequential": table(variant="numpy-postd")}, "config, prequential.published, 'me': no variant 'numpy-postd' is for"),
        ({"prequential": table(seeds=0)}, "prequential.published.0.rows.0.seeds: 0 is less than the minimum of 1"),
        (
            {"prequential": {"stretches": [{"replicates": [1], "examples": [[0, 9]]}]}},
            "prequential.stretches.0.replicates: [1] is too short",
        ),
        (
            {"tasks": {"xor": {"recipes": {"minibatch": {"prequential": 5}}}}},
            "Keras's fit does not keep the loss of every update",
        ),
        ({"tasks": {"henon": {"sizes": {"steps": 1}}}}, "tasks.henon.sizes.steps: 1 is less than the minimum of 2"),
        (
            {"tasks": {"add": {"sizes": {"lags": [6, 200]}}}, "variants": {"add": ["numpy-posted"]}},
            "a lag of 200 is not seen in sequences of 200 steps",
        ),
        ({"cost": {"recipes": {"xro": "minibatch"}}}, "config, cost.recipes: there is no task 'xro'; did you mean 'xor'?"),
        ({"cost": {"recipes": {"xor": "minibtach"}}}, "config, cost.recipes.xor: there is no recipe 'minibtach'; did you mean"),
        (
            {"cost": {"recipes": {"xor": "online"}}},
            "config, cost.recipes.xor: Keras updates once a sequence; window 1 is not for it",
        ),
        ({"cost": {"gradients": {"hidden": [0]}}}, "cost.gradients.hidden.0: 0 is less than the minimum of 1"),
        ({"tasks": {"xor": {"recipes": {"minibatch": {"window": 40}}}}}, "window 40 is longer than the sequence of 30"),
        ({"tasks": {"mnist": {"sizes": {"train": 10}}}}, "passes show 100 sequences, which do not fill one batch of 128"),
        ({"tasks": {"xor": {"grid": None}}}, "recipe minibatch has no learning_rate, and xor no grid to choose one from"),
        ({"tasks": {"xor": {"grid": {"rates": [0.1]}}}}, "tasks.xor.grid.rates: [0.1] is too short"),
        ({"tasks": {"xor": {"replicates": 8}}}, "32 replicates are asked for, and xor has 8"),
        ({"variants": {"xor": [], "mnist": [], "elman": []}}, "no task has a variant to run"),
        ({"trial": {"rules": ["rtlr"]}}, "config, trial.rules: there is no gradient rule 'rtlr'; did you mean 'rtrl'?"),
        ({"tasks": {"2024": DEFAULT["tasks"]["xor"]}}, "config, tasks: '2024' in a table is not read as a name"),
        (
            {"tasks": {"mnist": {"sizes": {"train": 59000}}}},
            "train and validation are 64000 images together, and there are 60000",
        ),
        ({"tasks": {"mnist": {"hidden": [10**6]}}}, "variant keras on task mnist would take at least 8.56e+03 hours"),
        (
            {"limits": {"memory_gb": 1e-6}},
            "GB, and limits.memory_gb is 1e-06: ask for fewer replicates, passes or units, for a smaller block",
        ),
        ({"tasks": {"xor": {"recipes": {"online": {"passes": 1e300}}}}}, "hours, and limits.hours is 24: ask for fewer"),
        ({"limits": {"hours": 1e-9}}, "or raise limits.hours"),
        ({"seed": "3"}, "seed: '3' is not of type 'integer'"),
        ({"targets": {"xor": float("nan")}}, "targets.xor: nan is not a finite number"),
        ({"statistics": {"margins": {"xor": float("inf")}}}, "statistics.margins.xor: inf is not a finite number"),
        ({"tasks": {"xor": {"grid": {"rates": [0.1, float("nan")]}}}}, "tasks.xor.grid.rates.1: nan is not a finite number"),
        ({"trial": {"lengths": [0]}}, "trial.lengths.0: 0 is less than the minimum of 1"),
    ],
)
def test_a_mistake_in_the_config_is_named(changes, message):
    with pytest.raises(SettingsError) as error:
        plan(changes)
    assert message in str(error.value)


@pytest.mark.parametrize(
    ("params", "message"),
    [
        ({"gradient": "postd"}, "variant mine on task xor: there is no gradient rule 'postd'; did you mean 'posted'?"),
        ({"gradient": "rtrl", "recipe": None}, "variant mine says no recipe"),
        ({"gradient": "rtrl", "gradiant": 1}, "mine.smk: a variant has no param 'gradiant'; did you mean 'gradient'?"),
        ({"gradient": "rtrl", "tasks": "xor"}, "mine.smk: tasks must be a list of names, such as tasks=[\"xor\"], not 'xor'"),
        ({"gradient": "rtrl", "tasks": []}, "mine.smk: tasks=[] names no task; leave it out for all tasks"),
        ({"gradient": "rtrl", "role": 3}, "mine.smk: role must be a name, or names by task, not 3"),
        ({"gradient": 3}, "mine.smk: gradient must be a name, not 3"),
        ({"gradient": "rtrl", "tasks": ["xro"]}, "mine.smk: there is no task 'xro'; did you mean 'xor'?"),
        ({"gradient": "mine.py"}, "variant mine on task xor: there is no file mine.py"),
        ({"gradient": "rtrl", "role": "posed"}, "variant mine: there is no role 'posed'; did you mean 'posted'?"),
    ],
)
def test_a_variant_that_cannot_be_is_named(params, message):
    with pytest.raises(SettingsError) as error:
        plan(said={**SAID, "mine": {**BASE, **params}})
    assert message in str(error.value)


def test_two_runs_that_would_share_a_log_are_named():
    said = {**SAID, "b_v": SAID["numpy-bptt"], "v": SAID["numpy-bptt"]}
    tasks = {"xor_b": DEFAULT["tasks"]["xor"]}
    with pytest.raises(SettingsError, match=r"xor_b/v and xor/b_v \(TASK/VARIANT\) would have the same logs and records"):
        plan({"tasks": tasks, "targets": {"xor_b": 0.1}}, said)


def test_a_variant_may_be_left_out():
    assert plan({"leave_out": {"xor": ["keras"], "mnist": []}}).by_task["xor"] == sorted(set(SAID) - {"keras"})


def test_a_role_may_be_that_of_some_tasks():
    said = {"mine": {**BASE, "gradient": "posted", "role": {"*": "posted", "mnist": None}}}
    found = plan(said={**SAID, **said}).variants["mine"]
    assert found.role_on("xor") == "posted" and found.role_on("mnist") is None
    with pytest.raises(SettingsError, match="there is no role 'posed'; did you mean 'posted'"):
        plan(said={**SAID, "mine": {**BASE, "gradient": "posted", "role": {"xor": "posed"}}})


def test_a_rate_is_tried_where_the_recipe_has_none():
    found = plan({"tasks": {"xor": {"recipes": {"minibatch": {"learning_rate": 0.1}}}}})
    assert set(found.tried) == set(found.runs) - {"xor/keras", "xor/numpy-bptt"}
    assert found.rates("xor/numpy-posted") == ["results/rates/xor/numpy-posted.csv"] and found.rates("xor/keras") == []


def test_two_variants_of_one_role_are_named():
    said = {name: {**BASE, "gradient": "posted", "role": "posted"} for name in ("a", "b")}
    with pytest.raises(SettingsError, match=r"variants/a\.smk and b\.smk both have role='posted' on task xor"):
        plan(said={**SAID, **said})


def test_no_name_of_a_variant_stands_in_the_package():
    """Words that name a library, a rule's package or a role as well are meant as such."""
    files = (ROOT / "workflow" / "variants").glob("*.smk")
    names = [file.stem for file in files if file.stem not in (*LIBRARIES, *registry.PEERS, *Role)]
    named = re.compile(rf"(?<![\w-])({'|'.join(map(re.escape, names))})(?![\w-])")
    sources = (file for file in (ROOT / "src").rglob("*") if file.suffix in (".py", ".j2", ".js", ".css"))
    assert len(names) > 20
    assert {file.name: hits for file in sources if (hits := named.findall(file.read_text(encoding="utf-8")))} == {}


@pytest.mark.parametrize(
    "text",
    [
        'use rule train as train_other with:\n    wildcard_constraints:\n        variant="my-own",\n',
        'use rule train as train_my_own with:\n    wildcard_constraints:\n        variant="other",\n',
        'use rule train as train_my_own with:\n    pathvars:\n        variant="my-own",\n',
        "",
    ],
)
def test_a_variants_file_derives_the_rule_of_its_own_name(tmp_path, text):
    file = tmp_path / "my-own.smk"
    file.write_text(
        'use rule train as train_my_own with:\n    wildcard_constraints:\n        variant="my-own",\n', encoding="utf-8"
    )
    check_variants([file])
    file.write_text(text, encoding="utf-8")
    with pytest.raises(SettingsError, match=r'my-own\.smk must derive train_my_own from train .* variant="my-own"'):
        check_variants([file])


@pytest.mark.parametrize(
    ("names", "message"),
    [
        (["my rule"], r"my rule\.smk: a variant's name has letters, digits, - and _ alone; rename the file"),
        (["null"], r"null\.smk: 'null' in a table is not read as a name; rename the file"),
        (["2024"], r"2024\.smk: '2024' in a table is not read as a name"),
        (["1e5"], r"1e5\.smk: '1e5' in a table is not read as a name"),
        (["a-b", "a_b"], r"a_b\.smk and a-b\.smk would both be the rule train_a_b; rename one of them"),
    ],
)
def test_a_name_that_cannot_be_a_variants_is_refused(tmp_path, names, message):
    files = [tmp_path / f"{name}.smk" for name in names]
    for file in files:
        name = f'    wildcard_constraints:\n        variant="{file.stem}",\n'
        derived = f"use rule train as train_{file.stem.replace('-', '_')} with:\n{name}"
        file.write_text(derived, encoding="utf-8")
    with pytest.raises(SettingsError, match=message):
        check_variants(files)


def test_a_key_that_stands_twice_is_named_with_its_lines(tmp_path):
    file = tmp_path / "study.yaml"
    file.write_text("seed: 1\ntasks:\n  xor: &a {hidden: [2]}\n  mine: *a\n  xor: {hidden: [3]}\n", encoding="utf-8")
    with pytest.raises(SettingsError, match=r"study\.yaml, line 5: 'xor' stands in line 3 already; keep one of them"):
        check_files([file])
    check_files([ROOT / "config" / f"{name}.yaml" for name in ("config", "quick", "full", "series")])


BOMB = f"a: &a [{'1, ' * 50}]\nb: &b [{'*a, ' * 50}]\nc: &c [{'*b, ' * 50}]\n"


@pytest.mark.parametrize(("text", "values"), [("a: &a\n  b: *a\n", "inf"), (BOMB, "1.3e+05")])
def test_aliases_have_an_end(tmp_path, text, values):
    file = tmp_path / "mine.yaml"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(SettingsError, match=re.escape(f"with its aliases written out it has {values} values; at most 100,000")):
        check_files([file])


@pytest.mark.parametrize("file", sorted((ROOT / "workflow" / "variants").glob("*.smk")), ids=lambda file: file.stem)
def test_the_variants_of_the_project_are_named_as_their_files(file):
    check_variants([file])


def test_a_rule_in_a_file_is_planned_like_one_of_the_package(tmp_path):
    (tmp_path / "helper.py").write_text("factor = 1.0\n", encoding="utf-8")
    own = tmp_path / "my rule.py"
    own.write_text("import helper\nfrom rnnbench.gradients.bptt import Bptt\nclass Mine(Bptt):\n    pass\n", encoding="utf-8")
    what = f"{own}:Mine"
    found = plan(said={**SAID, "mine": {**BASE, "gradient": what, "recipe": "rules"}})
    assert found.compared("xor") == ["bptt", "uoro", what] and what in found.judged.values()
    assert found.own_files(what) == [str(own), str(tmp_path / "helper.py")] and found.own_files("rtrl") == []
    assert found.of_training("mine") == ["rnnbench.study.training.numpy_trainer", what]
    assert registry.rule(what).__name__ == "Mine"
    with pytest.raises(RuleError, match="has no gradient rule 'Mien'; did you mean 'Mine'"):
        registry.rule(f"{own}:Mien")
