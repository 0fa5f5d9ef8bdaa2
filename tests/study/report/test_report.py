"""The page from small tables: what stands on it, and that nothing in the data can become markup."""

import re

import numpy as np
import pandas as pd
import pytest
from coloraide import Color
from reports import EVIL, GRADIENT_COST, JOBS, NO_RULES, STATISTICS, TARGETS, TASKS, UPDATE_COST, held, report, several, tables

from rnnbench.study.analysis import claims
from rnnbench.study.analysis.specifications import columns
from rnnbench.study.figures import style
from rnnbench.study.report import build, origin, page, tabulated
from rnnbench.study.roles import Role


def test_a_target_that_half_do_not_reach_is_not_reached():
    frame = tabulated.to_target(tables().to_target, tables().cost, TASKS["xor"], 0.05).frame.set_index("variant")
    words = frame.map(lambda cell: cell.words)
    assert words.loc["numpy-posted"].to_dict() | {"updates": ""} == {
        "updates": "",
        "passes": "1.5",
        "seconds": "1.5",
        "whole job, s": "5.5",
        "reached by": "3 of 3",
    }
    assert words.loc["keras", "passes"] == "not reached" and words.loc["keras", "reached by"] == "1 of 3"
    assert frame.loc["keras", "passes"].value == np.inf


def test_the_table_of_variants_says_what_the_tables_say():
    frame = tabulated.variants(tables(), TASKS, TASKS["xor"], TARGETS["xor"]).frame.set_index("variant")
    posted = frame.loc["numpy-posted"]
    assert posted["gradient's rule"] == "wrong in W0, b0" and frame.loc["keras", "gradient's rule"] == "exact"
    assert posted["cosine to exact, as trained"] == 0.5
    assert posted["squared error on the XOR bit"].words == "0.1 [0.05, 0.2]" and posted["learnt by"].words == "1 of 3"
    assert posted["passes to target"].words == "1.5" and posted["µs per update"] == 10
    assert posted["peak memory, MB"] == 50 and frame.loc["keras", "diverged"].words == "1 of 3"


def test_the_page_says_where_learning_rates_are_from():
    made = tables()
    runs = made.variants[["task", "variant"]]
    rates = pd.DataFrame({**runs, "learning_rate": 0.1}, columns=columns("learning_rates"))
    none, all_, some = (build.known(made.replaced(learning_rates=rates[:count])) for count in (0, len(runs), 1))
    assert none.endswith("at the learning rates that the config names.") and all_.endswith("that is best for it.")
    assert some.endswith("each at the learning rate that is best for it, where the config names none.")


def ids(html):
    return re.findall(r'\bid="([^"]+)"', html)


def test_a_study_without_measures_of_cost_still_has_its_section(tmp_path):
    html = report(tmp_path, tables(update_cost=UPDATE_COST[:0], gradient_cost=GRADIENT_COST[:0]), drawn=()).html
    assert {"cost", "table-cost"} <= set(ids(html)) and not {"table-updates", "table-exponents"} & set(ids(html))


def test_a_study_without_a_task_for_keras_still_has_a_page(tmp_path):
    made = tables()
    found = report(tmp_path, made.replaced(lockstep=made.lockstep.iloc[:0], equivalence=made.equivalence.iloc[:0]), drawn=())
    assert "Does it match Keras? Not compared." in found.html and "_study/lockstep" not in found.entries
    assert {"court", "lockstep", "cost"} <= set(ids(found.html))


def test_the_rules_of_online_learning_have_a_section_where_any_were_compared(tmp_path):
    found = report(tmp_path, tables(variants=("numpy-posted", "numpy-bptt", "keras", "a", "b", "c")), drawn=())
    shown = {f"fig-xor-rules_{kind}" for kind in ("alignment", "noise", "pareto")}
    assert shown | {"rules", "table-rules-xor", "table-correlation"} <= set(ids(found.html))
    assert "Which online rules are as good as the exact one? 0 of 5 (on xor)." in found.html
    without = report(tmp_path, tables(**NO_RULES), drawn=())
    assert not any("rules_" in name for name in without.entries) and "table-rules-xor" not in ids(without.html)
    assert "online rules" not in without.html


def test_rules_that_were_not_held_against_the_exact_gradient_still_have_their_ends(tmp_path):
    made = tables(beside_exact=NO_RULES["beside_exact"], online=held("ab").assign(cosine=np.nan, variant="keras"))
    found = report(tmp_path, made, drawn=())
    assert "xor/rules_alignment" not in found.entries
    style.save(found.entries["xor/rules_pareto"].draw(), tmp_path / "pareto.svg")


def test_the_table_of_rules_says_what_is_not_there():
    frame = tabulated.online(tables(variants=list("abcdef"), online=held("abcdef")), TASKS["xor"]).frame.set_index("rule")
    assert list(frame.index) == ["bptt", "snap1", "kf-rtrl", "elman", "uoro", "diagonal"]
    words = frame.map(lambda cell: page.shown(cell).words)
    assert words.loc["snap1", ["relative bias", "relative variance", "time", "memory"]].tolist() == [
        "0.5",
        "none",
        "O(n²)",
        "O(n)",
    ]
    assert words.loc["uoro", "relative bias"] == words.loc["kf-rtrl", "relative bias"] == "not above noise"
    assert words.loc["bptt", "cosine to exact, on the exact run"] == "" == words.loc["diagonal", "relative variance"]


@pytest.mark.parametrize(("only", "drawn"), [("numpy-mlp", None), ("numpy-posted", ()), ("keras", ())])
def test_one_variant_makes_a_page(tmp_path, only, drawn):
    html = report(tmp_path, tables(variants=(only,)), drawn=drawn).html
    assert set(re.findall(r'href="#([^"]+)"', html)) <= set(ids(html))


def test_what_is_missing_is_told_with_its_reason(tmp_path):
    gone = [{"what": "mine on xor", "task": "xor", "why": "ValueError: <b>planted</b> (results/logs/train_xor_mine.log)"}]
    html = report(tmp_path, tables(), tasks=("xor", "elman"), missing=gone, drawn=()).html
    assert '<li class="problem"><strong>problem</strong> mine on xor is missing.' in html
    assert "ValueError: &lt;b&gt;planted&lt;/b&gt;" in html
    assert "Nothing was run on elman." in html and "No variant was run on elman." in html


def test_nothing_in_the_data_becomes_markup(rendered):
    assert "<img src=x" not in rendered.html and "&lt;img src=x" in rendered.html
    for file in rendered.figures.rglob("*.svg"):
        assert "<img" not in file.read_text(encoding="utf-8")


def test_the_page_needs_nothing_and_runs_nothing_but_its_own_scripts(rendered):
    html = rendered.html
    policy = re.search(r'Content-Security-Policy" content="([^"]*)"', html)[1]
    assert "default-src &#39;none&#39;" in policy and "unsafe" not in policy and "http" not in policy
    scripts = re.findall(r"<script>(.*?)</script>", html, flags=re.DOTALL)
    assert len(scripts) == 3 and page.digest(page.vega()).replace("'", "&#39;") in policy
    for script in scripts:
        assert page.digest(script).replace("'", "&#39;") in policy
    bare = re.sub(r"<script\b.*?</script>|<style>.*?</style>|src=\"data:[^\"]*\"", "", html, flags=re.DOTALL)
    assert not re.search(r'(?:src|href)="(?!#)|\bstyle=|\bon\w+="', bare.replace(EVIL, ""))


ELSEWHERE = {"hero", "hero_narrow", "court"}
"""Figures that are not in a `figure` of the page: the first picture, and what the page has as a table."""


def test_every_link_leads_somewhere_and_every_figure_has_words(rendered):
    found = ids(rendered.html)
    assert set(re.findall(r'href="#([^"]+)"', rendered.html)) <= set(found) and len(found) == len(set(found))
    assert len(re.findall(r"<figure", rendered.html)) == len(
        [name for name in rendered.entries if name.split("/")[1] not in ELSEWHERE]
    )
    for entry in rendered.entries.values():
        assert entry.alt and entry.caption


def test_equations_are_set_without_a_network_and_mark_what_is_missing(rendered):
    assert rendered.html.count("<math") == 6 and rendered.html.count('class="missing"') == 3
    assert "not&#x000A0;in&#x000A0;the&#x000A0;posted&#x000A0;derivation" in rendered.html


def test_a_large_study_stays_small(tmp_path):
    """40 variants of three recipes, 100 runs, three tasks, 40 points: under 6 MB. The tasks look alike: one is drawn."""
    names = [f"variant-{number:02d}" for number in range(40)]
    made = tables(variants=names, replicates=100, points=range(40))
    recipes = {name: f"recipe {number % 3}" for number, name in enumerate(names)}
    made = made.replaced(final=made.final.assign(recipe=made.final["variant"].map(recipes)))
    tasks = ("xor", "elman", "mnist")
    html = report(tmp_path, several(made, tasks), tasks, drawn=("_study", "xor")).html
    assert 2e6 < len(html.encode()) < 6e6


def test_figures_repeat_byte_for_byte(rendered, tmp_path):
    """Those of a whole study and of rules; tests/workflow makes those of a task again, in another process."""
    names = [name for name in rendered.entries if name.startswith(("_study/", "xor/rules"))]
    assert len(names) > 6
    for name in names:
        entry = rendered.entries[name]
        style.save(entry.draw(), tmp_path / "again.svg")
        assert (tmp_path / "again.svg").read_bytes() == (rendered.figures / f"{name}.svg").read_bytes(), name


def test_a_colour_is_a_roles_and_a_dash_a_librarys():
    look = style.Look({"mine": Role.POSTED, "twin": Role.KERAS_TWIN}, {"mine": "numpy", "twin": "keras", "other": "numpy"})
    assert [look.colour(name) for name in ("mine", "twin", "other")] == ["#c23b4a", "#8c6d1f", style.OTHERS[0]]
    assert [len(look.dash(name)) for name in ("mine", "twin", "other", "unknown")] == [0, 2, 0, 0]


PALETTE = list(dict.fromkeys([*style.ROLES.values(), *style.PINS]))


@pytest.mark.parametrize(("paper", "side"), [("#ffffff", 0), ("#14181d", 1)], ids=["light", "dark"])
def test_lines_in_colour_are_told_apart_and_seen(paper, side):
    colours = [Color(pair[side]) for pair in PALETTE]
    for number, colour in enumerate(colours):
        assert colour.contrast(paper) >= 3
        assert all(colour.delta_e(other, method="2000") >= 20 for other in colours[:number]), colour


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
    found = origin.commands(commit, files).splitlines()
    assert len(found) == len(lines) and all(f.startswith(line) for f, line in zip(found, lines))


def test_the_workflow_tells_how_busy_it_was(monkeypatch):
    monkeypatch.setattr(tabulated, "available_cores", lambda: 2)
    frame = tabulated.pipeline(JOBS).frame
    told = dict(frame.itertuples(index=False))
    assert told["busy share of 2 cores"] == "50%" and told["critical path, after measure_cost"] == "train 7"


def test_the_end_of_a_variant_is_its_own_last_update():
    statistics = tables().gradient_statistics
    statistics = statistics[(statistics["variant"] != "keras") | (statistics["updates"] < 9)]
    ended = tabulated.at_the_end(statistics, "xor").groupby("variant")["updates"].agg(["min", "max"])
    assert ended.loc["keras"].tolist() == [0, 0] and ended.loc["numpy-bptt"].tolist() == [9, 9]


def test_times_of_updates_are_in_microseconds_and_shares_are_ordered_as_shares():
    frame = tabulated.updates(UPDATE_COST).frame.set_index("by")
    assert frame.loc["rnnbench", "µs per update and run"] == pytest.approx(10)
    assert [cell.value for cell in tabulated.share([1, 2], [4, 3])] == [1 / 4, 2 / 3]


def test_a_diverged_replicate_is_in_the_table():
    frame = tabulated.outcome(tables().final, TASKS["xor"], 0.05).frame
    assert frame.set_index("variant").loc["keras", "diverged"] == 1


@pytest.mark.parametrize(
    ("value", "text"), [(0.123456, "0.123"), (1e-15, "1.0e-15"), (0.0, "0"), (1234.5, "1,234"), (999.7, "1,000"), (np.nan, "")]
)
def test_numbers(value, text):
    assert page.shown(value).words == text


def test_of_a_claim_of_others_what_is_seen_is_said():
    asked = {"claim": "It does as well.", "source": "Somebody 2026"}
    tried = [
        {"task": "xor", "variant": "close", "reference": "exact", "without": "none"},
        {"task": "xor", "variant": "far", "reference": "exact"},
        {"task": "xor", "variant": "absent", "reference": "exact"},
    ]
    noise = np.random.default_rng(0).normal(0, 1e-3, 9)
    ends = {"xor": {"exact": 0.1 + noise, "close": 0.1 - noise, "far": 0.2 + noise[::-1], "none": 0.25 + noise[::-1]}}
    table = claims.claims(ends, TASKS, [{**asked, "tried": tried}], {"xor": 0.01}, STATISTICS, 1)
    (said,) = tabulated.claimed(table)
    first, second, third = said.split(". On ")
    assert first.startswith(
        "Claimed: It does as well. (Somebody 2026.) Here: On xor, close does as well as exact, within 0.01; it "
    )
    assert re.search(r"it makes up (1|0\.99\d) \[.*\] of the gain over none$", first)
    assert second == "xor, far does not do as exact does, with a difference beyond 0.01"
    assert third == "xor, absent was not tried beside exact."
