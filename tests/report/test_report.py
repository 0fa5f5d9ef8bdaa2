"""The report from small tables: its sentences follow the data, and nothing in the data can become markup."""

import re
from functools import cache

import numpy as np
import pandas as pd
import planted
import pytest
from studies import XOR

from rnnbench import comparisons
from rnnbench.cost import pipeline
from rnnbench.figures import style
from rnnbench.figures.catalogue import catalogue
from rnnbench.gradients.bptt import Bptt
from rnnbench.gradients.posted import Posted
from rnnbench.report import answer, contents, page
from rnnbench.settings import TaskSettings
from rnnbench.tables import Tables
from rnnbench.trial import table as trial
from rnnbench.trial import verdict

TASKS = {"xor": TaskSettings.of("xor", XOR, 1)}
TARGETS = {"xor": 0.05}
STALENESS = ["task", "learning_rate", "quantity", "low", "median", "high", "finite"]
STATISTICS = {"confidence": 0.95, "resamples": 100}
GRADIENT_COST = pd.DataFrame(
    [(r, n, 28, s * n**2, 100.0 * n) for r, s in [("bptt", 1e-6), ("rtrl", 1e-5)] for n in (8, 32)],
    columns=["rule", "hidden", "steps", "seconds", "memory_bytes"],
).assign(sweep="hidden", depth=1, batch=1, low=1e-5, high=1.0, memory_by="allocated")
UPDATE_COST = pd.DataFrame(
    {
        "task": "xor",
        "who": ["rnnbench", "rnnbench, one replicate", "jax", "Keras, default", "Keras, jit"],
        "seconds": [1e-5, 4e-5, 1e-6, 8e-5, 3e-5],
    }
).assign(low=1e-6, high=1e-3, replicates_at_once=[3, 1, 3, 1, 1])
JOBS = pd.DataFrame([("train", 1.0, 9.0, 7.0, 0.5, True), ("other", 1.0, 3.0, 2.0, 0.5, False)], columns=pipeline.COLUMNS)
EVIL = '<img src=x onerror="alert(1)">'


tried = cache(verdict.trial)


def tables(
    variants=("numpy-posted", "numpy-bptt", "keras"),
    posted=Posted,
    drift=1e-15,
    mse=0.1,
    solved=1,
    ends=None,
    rungs=None,
    **costs,
):
    """ends: of replicates, where it is not mse; rungs: of the ladder, else the variants; costs: tables of cost."""
    metrics = [m.name for m in TASKS["xor"].kind.metrics]
    pairs = [(v, m) for v in variants for m in metrics]
    names, measured = [v for v, _ in pairs], [m for _, m in pairs]
    final = pd.DataFrame(
        {"task": "xor", "variant": names, "recipe": "online", "learning_rate": 0.05, "metric": measured, "iqm": mse}
    )
    final = final.assign(low=mse / 2, high=2 * mse, replicates=3, diverged=[1 if v == "keras" else 0 for v in names])
    final["solved"] = pd.array([solved if m == metrics[0] else None for m in measured], dtype="Int64")
    curves = pd.concat(
        [final[["task", "variant", "metric", "iqm", "low", "high"]].assign(updates=u, examples=10 * u) for u in (0, 1, 9)]
    )
    replicates = pd.concat([final[["task", "variant", "metric"]].assign(replicate=r, value=mse) for r in range(3)])
    cost = pd.DataFrame(
        {"task": "xor", "variant": list(variants), "library": "numpy", "replicates": 3, "updates": 9, "examples": 90}
    )
    cost = cost.assign(
        startup_seconds=1.0,
        training_seconds=2.0,
        microseconds_per_update=[10.0 * (i + 1) for i in range(len(variants))],
        peak_memory_mb=50.0,
    )
    rows = []
    for v in variants:
        for updates in (0, 9):
            for quantity, of, lags in [
                ("cosine", "as trained", 1),
                ("cosine", "posted", 1),
                ("gradient norm", "W0", 1),
                ("spectral radius", "R1", 1),
                ("lag norm", "x1", 4),
                ("lag rate", "x1", 1),
                ("sign agreement", "as trained", 1),
                ("pair cosine", "posted | exact", 1),
                ("pair norm ratio", "posted | exact", 1),
                ("pair sign agreement", "posted | exact", 1),
                ("update to weight", "all weights", 1),
                ("Lyapunov exponent", "largest", 1),
                ("saturated units", "x1", 1),
                ("rms error", "place", 13),
                *(("singular value", of, 3) for of in ("largest", "median", "smallest")),
            ]:
                rows += [("xor", v, updates, 10 * updates, quantity, of, lag, 0.5, 0.4, 0.6) for lag in range(lags)]
    statistics = pd.DataFrame(
        rows, columns=["task", "variant", "updates", "examples", "quantity", "of", "lag", "median", "low", "high"]
    )
    of_rules = [tried("posted", posted), tried("bptt", Bptt)]
    trial_tables = trial.verdicts(of_rules), trial.paths(of_rules), pd.DataFrame({"relative_error": [1e-14, 2e-15]})
    lockstep = pd.DataFrame(
        {
            "task": "xor",
            "dtype": "float64",
            "optimizer": "sgd",
            "learning_rate": 0.01,
            "update": [0, 1, 200],
            "difference": [0, drift / 2, drift],
        }
    )
    rates = [(q, rate) for q in ("moving weights", "stale sensitivities") for rate in (1e-3, 1e-2)]
    staleness = pd.DataFrame([("xor", rate, q, 0.1, 0.2, 0.3, 3) for q, rate in rates], columns=STALENESS)
    trial_tables = *trial_tables, lockstep, staleness
    return Tables(
        curves,
        final,
        replicates,
        cost,
        statistics,
        *trial_tables,
        **{**compared(final, variants, mse, ends or {}, rungs), **costs},
    )


def compared(final, variants, mse, ends, rungs):
    ends = {"xor": {v: np.array(ends.get(v, [mse] * 3)) for v in variants}}
    ladders = {"xor": [{"title": "in order", "rungs": [{"variant": v, "change": f"with {v}"} for v in rungs or variants]}]}
    reached = pd.DataFrame(
        {"task": "xor", "variant": list(variants), "updates": 9, "passes": [1.5] + [np.inf] * (len(variants) - 1)}
    )
    reached = reached.assign(seconds=reached["passes"], reached=[3] + [1] * (len(variants) - 1), replicates=3)
    return {
        "comparisons": comparisons.comparisons(ends, TASKS, ladders, STATISTICS, 1),
        "equivalence": comparisons.equivalences(ends, TASKS, {"xor": 0.01}, 0.95),
        "scores": comparisons.scores(ends, TASKS, STATISTICS, 1),
        "to_target": reached,
        "ladder": comparisons.ladder(final, reached, ends, TASKS, ladders, 0.95),
        "gradient_cost": GRADIENT_COST,
        "update_cost": UPDATE_COST,
    }


def claims(**changes):
    return {claim.question: claim for claim in answer.claims(tables(**changes), TASKS, TARGETS)}


def test_the_verdict_on_the_derivation_follows_the_errors():
    wrong, right, other = (claims(posted=rule)["Is the derivation right?"] for rule in (Posted, Bptt, planted.PastAboveMissing))
    assert wrong.verdict == "In part"
    assert "exact for R1, W1 and b1 and wrong for W0 and b0" in wrong.sentence
    assert "In W0 and b0: only lag 0 is right; all paths through x^{t-1} are missing" in wrong.sentence
    assert "in R1: all paths through the past of the layers above are missing" in wrong.sentence
    assert right.verdict == "Yes" and "wrong" not in right.sentence
    assert "With 1 recurrent layer it is exact for every parameter." in other.sentence and other.verdict == "In part"


def test_the_verdict_on_keras_follows_the_drift():
    assert claims()["Does it match Keras?"].verdict == "Yes"
    assert claims(drift=1e-7)["Does it match Keras?"].verdict == "No"
    assert claims(drift=np.nan)["Does it match Keras?"].verdict == "No"


@pytest.mark.parametrize(
    ("theirs", "verdict", "words"),
    [
        ([0.1, 0.1, 0.1], "Yes", "the same in every replicate"),
        ([0.1, 0.101, 0.099], "Yes", "within 0.01 they count as equivalent (two one-sided tests, p = 0.00166): equivalent"),
        ([0.2, 0.201, 0.199], "No", "different"),
        ([0.1, 0.2, 0.05], "Update by update, yes; whole trainings not shown on xor", "not shown"),
        ([0.1, 0.11, 0.105], "Update by update, yes; whole trainings not shown on xor", "not shown"),
    ],
)
def test_the_verdict_on_keras_follows_whole_trainings(theirs, verdict, words):
    claim = claims(ends={"keras": theirs})["Does it match Keras?"]
    assert claim.verdict == verdict and words in claim.sentence


def test_a_match_is_not_shown_where_nothing_was_trained_whole():
    claim = claims(variants=("numpy-posted", "numpy-bptt"))["Does it match Keras?"]
    assert (
        claim.verdict == "Update by update, yes; whole trainings not compared" and "not held against each other" in claim.sentence
    )


LEARNT, NOT_LEARNT = [0.1, 0.11, 0.1], [0.25, 0.24, 0.26]


@pytest.mark.parametrize(
    ("ends", "question", "verdict", "words"),
    [
        (
            {"numpy-posted": NOT_LEARNT, "numpy-bptt": LEARNT, "keras": LEARNT},
            "Why does Keras win on xor?",
            "with numpy-bptt",
            ["better: with numpy-bptt (-0.147 [", "the same: with keras."],
        ),
        (
            {"numpy-posted": LEARNT, "numpy-bptt": LEARNT, "keras": NOT_LEARNT},
            "Does Keras win on xor?",
            "No, it does worse",
            ["worse: with keras (0.147 [", "the same: with numpy-bptt."],
        ),
        ({"keras": [0.1, 0.2, 0.05]}, "Does Keras win on xor?", "Not shown", ["not shown: with keras"]),
        ({}, "Does Keras win on xor?", "No, it ends the same", ["the same: with numpy-bptt, with keras"]),
    ],
)
def test_why_keras_wins_follows_the_ladder(ends, question, verdict, words):
    claim = claims(ends=ends)[question]
    assert claim.verdict == verdict and all(word in claim.sentence for word in words), claim


def test_a_rung_that_was_not_run_is_said_to_be_missing():
    rungs = ("numpy-posted", "numpy-elman", "keras")
    claim = claims(ends={"numpy-posted": NOT_LEARNT, "keras": LEARNT}, rungs=rungs)["Why does Keras win on xor?"]
    assert claim.verdict == "No single step is shown to help"
    assert "not run, so that the steps beside them are not measured: numpy-elman" in claim.sentence
    frame = contents.ladder(tables(rungs=rungs).ladder, TASKS["xor"]).frame.set_index("variant")
    assert frame.loc["numpy-elman", "squared error on the XOR bit"] == "not run"
    assert claims(rungs=(*rungs[:2], "numpy-mlp"))["Does numpy-mlp win on xor?"].verdict == "Not run"


def test_a_target_that_half_do_not_reach_is_not_reached():
    frame = contents.to_target(tables().to_target, tables().cost, TASKS["xor"], 0.05).frame.set_index("variant")
    assert frame.loc["numpy-posted", "passes"] == "1.5" and frame.loc["numpy-posted", "reached by"] == "3 of 3"
    assert frame.loc["numpy-posted", "seconds"] == "1.5" and frame.loc["numpy-posted", "whole job, s"] == "5.5"
    assert frame.loc["keras", "passes"] == "not reached" and frame.loc["keras", "reached by"] == "1 of 3"


def test_a_gradient_that_is_not_a_number_is_wrong():
    nowhere = planted.scaled(Bptt, lambda window: np.nan)
    claim = claims(posted=nowhere)["Is the derivation right?"]
    assert claim.verdict == "No" and "wrong for W0, R1, b0, W1 and b1" in claim.sentence


def test_who_learns_follows_the_replicates():
    assert claims()["Who learns xor?"].verdict == "None in most replicates"
    learnt = claims(solved=2)["Who learns xor?"]
    assert learnt.verdict == "3 of 3 variants" and "2 of 3" in learnt.sentence


def test_what_it_costs_is_told_against_the_fastest_way_of_keras():
    claim = claims()["What does it cost?"]
    assert claim.verdict == "Keras / NumPy: 3x"
    assert "10 µs a replicate in NumPy, which trains all replicates together (40 µs if it trains one)" in claim.sentence
    assert "30 µs in Keras at its fastest (jit), which trains one: 3 times as long" in claim.sentence
    assert "as it is by default, 8 times" in claim.sentence
    slower = claims(update_cost=UPDATE_COST.assign(seconds=[1e-5, 1e-5, 1e-6, 2e-6, 4e-6]))["What does it cost?"]
    assert slower.verdict == "Keras / NumPy: 0.2x" and "at its fastest (default)" in slower.sentence
    measured_in_training = claims(update_cost=UPDATE_COST[:0])["What does it cost?"]
    assert (
        measured_in_training.verdict == "Keras / NumPy: 1.5x"
        and "in numpy-bptt, which trains all" in measured_in_training.sentence
    )


def test_a_study_without_measures_of_cost_still_has_its_section(tmp_path):
    made = tables(update_cost=UPDATE_COST[:0], gradient_cost=GRADIENT_COST[:0])
    sections = contents.sections(made, catalogue(made, TASKS, 0.95), tmp_path, TASKS, TARGETS, JOBS[:0])
    (cost,) = (section for section in sections if section.anchor == "cost")
    assert [part.caption for part in cost.parts if isinstance(part, page.Table)] == ["Time and memory of every run"]


def test_a_study_without_the_named_variants_still_has_an_answer():
    found = claims(variants=("mine",))
    assert "mine" in found["Who learns xor?"].sentence
    assert "Does it match Keras?" in found


def test_a_study_without_a_task_for_keras_still_has_a_page(tmp_path):
    made = tables()
    made = made._replace(lockstep=made.lockstep.iloc[:0], equivalence=made.equivalence.iloc[:0])
    entries = catalogue(made, TASKS, 0.95)
    claim = next(claim for claim in answer.claims(made, TASKS, TARGETS) if claim.question == "Does it match Keras?")
    assert claim.verdict == "Not compared" and "_study/lockstep" not in entries
    assert {"gradient", "lockstep", "cost"} <= {
        s.anchor for s in contents.sections(made, entries, tmp_path, TASKS, TARGETS, JOBS[:0])
    }


@pytest.fixture(scope="module")
def rendered(tmp_path_factory):
    made = tables(variants=("numpy-posted", "numpy-bptt", "keras", EVIL))
    folder = tmp_path_factory.mktemp("figures")
    entries = catalogue(made, TASKS, 0.95)
    for name, entry in entries.items():
        (folder / name).parent.mkdir(exist_ok=True)
        style.save(entry.draw(), folder / f"{name}.svg")
    sections = contents.sections(made, entries, folder, TASKS, TARGETS, JOBS)
    html = page.render(answer.claims(made, TASKS, TARGETS), sections, {"config": {"name": EVIL}}, ["snakemake --cores 4"])
    return html, folder, entries


def test_nothing_in_the_data_becomes_markup(rendered):
    html, folder, _ = rendered
    assert "<img src=x" not in html and "&lt;img src=x" in html
    for file in folder.rglob("*.svg"):
        assert "<img" not in file.read_text(encoding="utf-8")


def test_the_page_needs_nothing_and_forbids_everything(rendered):
    html, _, _ = rendered
    policy = re.search(r'Content-Security-Policy" content="([^"]*)"', html)[1]
    assert "default-src &#39;none&#39;" in policy and "script-src" not in policy and "unsafe" not in policy
    assert "<script" not in html and not re.search(r'(?:src|href)="(?!data:|#)', html)
    assert "style=" not in re.sub(r'src="data:[^"]*"', "", html)


def test_every_claim_leads_to_a_section_and_every_figure_has_words(rendered):
    html, _, entries = rendered
    anchors = set(re.findall(r'<section id="([^"]+)"', html))
    assert set(re.findall(r'href="#([^"]+)"', html)) <= anchors
    assert len(re.findall(r"<figure>", html)) == len(entries)
    for entry in entries.values():
        assert entry.alt and entry.caption


def test_figures_repeat_byte_for_byte(rendered, tmp_path):
    _, folder, entries = rendered
    for name, entry in entries.items():
        style.save(entry.draw(), tmp_path / "again.svg")
        assert (tmp_path / "again.svg").read_bytes() == (folder / f"{name}.svg").read_bytes(), name


def test_a_variant_keeps_its_colour_whoever_is_shown():
    look = style.Look(dict.fromkeys("bac", "all"))
    assert look.palette == style.Look(dict.fromkeys("cab", "other")).palette
    many = style.Look({str(i): "all" for i in range(40)})
    assert len({(many.palette[v], many.dashes[v]) for v in many.variants}) == 40


@pytest.mark.parametrize("paper", ["#ffffff", "#14181d"])
@pytest.mark.parametrize("colour", style.COLOURS)
def test_lines_are_seen_on_either_paper(colour, paper):
    def luminance(code):
        channels = [int(code[i : i + 2], 16) / 255 for i in (1, 3, 5)]
        return np.dot([0.2126, 0.7152, 0.0722], [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels])

    dark, light = sorted([luminance(colour), luminance(paper)])
    assert (light + 0.05) / (dark + 0.05) >= 3


@pytest.mark.parametrize(
    ("commit", "files", "lines"),
    [
        ("abc", [], ["git checkout abc", "snakemake --cores 4"]),
        ("abc", ["config/my quick.yaml"], ["git checkout abc", "snakemake --cores 4 --configfile 'config/my quick.yaml'"]),
        ("abc+", [], ["git checkout abc", "# and what had been", "snakemake --cores 4"]),
        ("unknown", [], ["# the code was not", "snakemake --cores 4"]),
    ],
)
def test_the_commands_that_bring_a_result_back(commit, files, lines):
    found = page.commands(commit, files)
    assert len(found) == len(lines) and all(f.startswith(line) for f, line in zip(found, lines))


def test_the_workflow_tells_how_busy_it_was(monkeypatch):
    monkeypatch.setattr(contents, "available_cores", lambda: 2)
    frame = contents.pipeline(JOBS).frame
    told = dict(frame.itertuples(index=False))
    assert told["busy share of 2 cores"] == "50%" and told["critical path, after measure_cost"] == "train 7"


def test_a_diverged_replicate_is_in_the_table():
    frame = contents.outcome(tables().final, TASKS["xor"], 0.05).frame
    assert frame.set_index("variant").loc["keras", "diverged"] == 1


@pytest.mark.parametrize(
    ("value", "text"), [(0.123456, "0.123"), (1e-15, "1.0e-15"), (0.0, "0"), (1234.5, "1,234"), (np.nan, "")]
)
def test_numbers(value, text):
    assert page.cell(value) == text
