"""The report from small tables: its sentences follow the data, and nothing in the data can become markup."""

import re

import numpy as np
import pandas as pd
import pytest
from studies import XOR

from rnnbench.figures import style
from rnnbench.figures.catalogue import catalogue
from rnnbench.report import answer, contents, page
from rnnbench.settings import TaskSettings
from rnnbench.tables import Tables

TASKS = {"xor": TaskSettings.of("xor", XOR, 1)}
TARGETS = {"xor": 0.05}
EVIL = '<img src=x onerror="alert(1)">'


def tables(variants=("numpy-posted", "numpy-bptt", "keras"), posted_w0=0.9, drift=1e-15, mse=0.1, solved=1):
    metrics = [m.name for m in TASKS["xor"].kind.metrics]
    pairs = [(v, m) for v in variants for m in metrics]
    names, measured = [v for v, _ in pairs], [m for _, m in pairs]
    final = pd.DataFrame({"task": "xor", "variant": names, "metric": measured, "iqm": mse, "low": mse / 2, "high": 2 * mse})
    final = final.assign(replicates=3, diverged=[1 if v == "keras" else 0 for v in names])
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
            ]:
                rows += [("xor", v, updates, 10 * updates, quantity, of, lag, 0.5, 0.4, 0.6) for lag in range(lags)]
    statistics = pd.DataFrame(
        rows, columns=["task", "variant", "updates", "examples", "quantity", "of", "lag", "median", "low", "high"]
    )
    errors = [
        ("posted", 1, "every step", "W0", posted_w0),
        ("posted", 1, "every step", "R1", 1e-15),
        ("bptt", 1, "every step", "W0", 1e-15),
        ("bptt", 1, "every step", "R1", 1e-15),
    ]
    exactness = pd.DataFrame(errors, columns=["rule", "depth", "loss_at", "parameter", "relative_error"])
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
    return Tables(curves, final, replicates, cost, statistics, exactness, lockstep)


def claims(**changes):
    return {claim.question: claim for claim in answer.claims(tables(**changes), TASKS, TARGETS)}


def test_the_verdict_on_the_derivation_follows_the_errors():
    wrong, right = claims(), claims(posted_w0=1e-13)
    assert wrong["Is the derivation right?"].verdict == "In part"
    assert (
        "exact for R1" in wrong["Is the derivation right?"].sentence
        and "W0 (relative error 0.9)" in wrong["Is the derivation right?"].sentence
    )
    assert right["Is the derivation right?"].verdict == "Yes" and "wrong" not in right["Is the derivation right?"].sentence


def test_the_verdict_on_keras_follows_the_drift():
    assert claims()["Does it match Keras?"].verdict == "Yes"
    assert claims(drift=1e-7)["Does it match Keras?"].verdict == "No"
    assert claims(drift=np.nan)["Does it match Keras?"].verdict == "No"


def test_a_gradient_that_is_not_a_number_is_wrong():
    assert "wrong for W0" in claims(posted_w0=np.nan)["Is the derivation right?"].sentence


def test_who_learns_follows_the_replicates():
    assert claims()["Who learns xor?"].verdict == "None in most replicates"
    learnt = claims(solved=2)["Who learns xor?"]
    assert learnt.verdict == "3 of 3 variants" and "2 of 3" in learnt.sentence


def test_a_study_without_the_named_variants_still_has_an_answer():
    found = claims(variants=("mine",))
    assert "mine" in found["Who learns xor?"].sentence
    assert "What does it cost?" not in found and "Does it match Keras?" in found


@pytest.fixture(scope="module")
def rendered(tmp_path_factory):
    made = tables(variants=("numpy-posted", "numpy-bptt", "keras", EVIL))
    folder = tmp_path_factory.mktemp("figures")
    entries = catalogue(made, TASKS, 0.95)
    for name, entry in entries.items():
        style.save(entry.draw(), folder / f"{name}.svg")
    sections = contents.sections(made, entries, folder, TASKS, TARGETS)
    html = page.render(answer.claims(made, TASKS, TARGETS), sections, {"config": {"name": EVIL}}, ["snakemake --cores 4"])
    return html, folder, entries


def test_nothing_in_the_data_becomes_markup(rendered):
    html, folder, _ = rendered
    assert "<img src=x" not in html and "&lt;img src=x" in html
    for file in folder.glob("*.svg"):
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
    look = style.Look(["b", "a", "c"])
    assert look.palette == style.Look(["c", "a", "b", "a"]).palette
    ten = style.Look([str(i) for i in range(10)])
    assert len({(ten.palette[v], ten.dashes[v]) for v in ten.variants}) == 10


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


def test_a_diverged_replicate_is_in_the_table():
    frame = contents.outcome(tables().final, TASKS["xor"], 0.05).frame
    assert frame.set_index("variant").loc["keras", "diverged"] == 1


@pytest.mark.parametrize(
    ("value", "text"), [(0.123456, "0.123"), (1e-15, "1.0e-15"), (0.0, "0"), (1234.5, "1,234"), (np.nan, "")]
)
def test_numbers(value, text):
    assert page.cell(value) == text
