"""A verdict as a page: what the terminal says is there, whatever things are called, and nothing is loaded from anywhere."""

import re
from functools import cache
from html import escape
from html.parser import HTMLParser

import pytest

from rnnbench import cli
from rnnbench.gradients.bptt import Bptt
from rnnbench.gradients.posted import Posted
from rnnbench.trial import functions, html, summary, words
from rnnbench.trial.differences import Compared, Comparison
from rnnbench.trial.verdict import trial

FEW = (1, 2, 3, 5)
EVIL = '<b title="x">&amp;'
PLAIN = """
import numpy as np

def states(params, x):
    found = [np.zeros((len(params["<b>"]), 1))]
    for v in x:
        found.append(np.tanh(params["U"] @ v + params["<b>"] @ found[-1]))
    return found

def loss(params, x, y):
    return np.sum((params["V"] @ states(params, x)[-1] - y) ** 2)

def gradient(params, x, y):
    h = states(params, x)
    do = 2 * (params["V"] @ h[-1] - y)
    found = {name: np.zeros_like(p) for name, p in params.items()}
    found["V"] = do @ h[-1].T
    dh = params["V"].T @ do
    for t in reversed(range(len(x))):
        dz = dh * (1 - h[t + 1] ** 2)
        found["U"] += dz @ x[t].T
        found["<b>"] += dz @ h[t].T
        dh = params["<b>"] @ dz
    return found
"""


class Deeper(Bptt):
    """R of the top layer is wrong by another factor at every depth."""

    def step(self, params, window, carry):
        step = super().step(params, window, carry)
        self.network.parameters(step.gradient).R[self.network.depth][...] *= 1 + self.network.depth
        return step


@cache
def verdict_of(name):
    rule = {"posted": Posted, "exact": Bptt, "deeper": Deeper}[name]
    return trial(EVIL, rule, depths=(1, 2), lengths=FEW, compared=False)


@pytest.fixture(scope="module")
def of_plain_code(tmp_path_factory):
    file = tmp_path_factory.mktemp("plain") / "plain.py"
    file.write_text(PLAIN, encoding="utf-8")
    return functions.try_functions("plain", *functions.functions(file)[:2], lengths=FEW)


COMPARISON = Comparison(
    False,
    "complex steps",
    5,
    (Compared(f'params["{EVIL}"]', False, 0.5, "the sign is wrong"), Compared("params[1]", True, 1e-16, "")),
)


class Nesting(HTMLParser):
    """Fails where a tag is closed that is not the one that is open; counts elements, and keeps the attributes and the text."""

    def __init__(self, text):
        super().__init__()
        self.open, self.count, self.attributes, self.said = [], {}, [], []
        self.feed(text)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag, attrs):
        self.count[tag] = self.count.get(tag, 0) + 1
        self.attributes += attrs
        if tag != "meta":
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        if self.open and self.open[-1] not in ("style", "title"):
            self.said.append(data)


def text_of(page):
    return " ".join("".join(Nesting(page).said).split())


def has_all(page, verdict):
    text = text_of(page)
    for sentence in (words.opening(verdict), *words.account(verdict), *words.notes(verdict)):
        assert " ".join(sentence.split()) in text
    assert all(remedy[1:] in text for remedy in summary.advice(verdict))
    for where, said in words.diagnoses(verdict.findings):
        assert where in text and said in text
    assert f"Seed {verdict.seed}, rnnbench {verdict.version}." in text
    for row in words.table(verdict.findings):
        cells = "".join(f"<td>{cell}</td>" for cell in row[1:])
        assert f"{escape(row[0].strip())}</th>{cells}</tr>" in page
    return True


def is_whole(page):
    """One title, one heading of the first rank, headers that say of what, and no way out."""
    found = Nesting(page)
    assert page.startswith("<!DOCTYPE html>") and ("lang", "en") in found.attributes
    assert [found.count[tag] for tag in ("html", "head", "title", "body", "main", "h1", "style")] == [1] * 7
    assert found.count["th"] == sum(name == "scope" for name, _ in found.attributes)
    assert not re.search(r"https?:|url\(|@import|<script|<link|<img", page)
    assert not {name for name, _ in found.attributes} & {"src", "href", "onclick"}
    return True


@pytest.mark.parametrize("name", ["posted", "exact", "deeper"])
def test_the_page_of_a_rule(name):
    verdict = verdict_of(name)
    page = html.page(verdict)
    assert is_whole(page) and has_all(page, verdict)
    assert EVIL not in page and page.count(f"{escape(EVIL)} is") == 2  # the title and the heading
    assert f'<h1 class="{"right" if name == "exact" else "wrong"}">' in page
    assert ("What to do" in page) == (name == "posted") and (words.REACH in page) == (name != "exact")
    assert ("<details open>" in page) == (name == "deeper")  # what the sentences leave to the diagnoses


def test_the_page_of_plain_code(of_plain_code):
    page = html.page(of_plain_code)
    assert is_whole(page) and has_all(page, of_plain_code)
    assert "<b>" not in page and "params[&quot;&lt;b&gt;&quot;]" in page and "Its conventions, as found: column vectors" in page


def test_lags_are_cells_with_a_mark_and_a_word():
    """Colour is not all that tells right from missing."""
    page = html.page(verdict_of("posted"))
    right, missing = ('<td class="mark {}">{}</td>'.format(*one) for one in (("right", "#"), ("missing", ".")))
    strips = summary.strips(verdict_of("posted").findings, depths=2)
    assert page.count(right) == sum(marks.count("#") for _, marks in strips)
    assert page.count(missing) == sum(marks.count(".") for _, marks in strips)
    row = f">W0</th>{right}{missing * (summary.LONGEST - 1)}</tr>"
    assert page.count(row) == 2  # at both depths
    assert "through the past of the layers above</th><td> </td><td class=" in page
    assert all(f"</span> {meaning}</span>" in page for meaning in summary.MARKS.values())


@pytest.mark.parametrize("exact", [False, True])
def test_the_page_of_code_of_no_known_convention(exact):
    found = Comparison(True, "central differences", 3, COMPARISON.parameters[1:]) if exact else COMPARISON
    page = html.page(found)
    text = text_of(page)
    assert is_whole(page) and EVIL not in page
    first, *rest = str(found).splitlines()
    assert first.partition(" (against")[0] in text and all(line.strip() in text for line in rest)
    assert f"Held against {found.method} of the loss, on {found.probes} inputs." in text and words.NO_CONVENTION in text
    assert "params[1]</th><td>1e-16</td><td>exact</td>" in page


# -- the command


@pytest.fixture
def run(monkeypatch, capsys):
    monkeypatch.setattr("rnnbench.trial.verdict.trial", lambda name, rule, *how, **options: verdict_of("posted"))

    def command(*arguments):
        status = cli.main(["trial", "posted", *map(str, arguments)])
        return status, *capsys.readouterr()

    return command


@pytest.mark.parametrize("how", [(), ("--json",), ("--numbers",)])
def test_the_command_writes_the_page_beside_what_it_prints(run, tmp_path, how):
    file = tmp_path / "a page.html"
    file.write_text("an older page", encoding="utf-8")
    status, out, err = run(*how, "--html", file)
    assert (status, err) == (1, f"Written: {file}\n") and out == run(*how)[1]
    assert file.read_text(encoding="utf-8") == html.page(verdict_of("posted"))


@pytest.mark.parametrize(
    ("place", "message"),
    [("nowhere/page.html", "there is no directory"), ("", "is a directory"), ("x" * 300, "File name too long")],
)
def test_a_page_that_cannot_be_written_is_refused_before_the_trial(run, monkeypatch, tmp_path, place, message):
    monkeypatch.setattr("rnnbench.trial.apart.apart", lambda *how: pytest.fail("the trial began"))
    status, out, err = run("--html", tmp_path / place)
    assert status == 2 and out == "" and err.startswith("rnnbench trial: --html: ") and message in err and err.count("\n") == 1
    assert list(tmp_path.iterdir()) == []


def test_a_file_that_may_not_be_written_is_refused(run, monkeypatch, tmp_path):
    monkeypatch.setattr("os.access", lambda path, mode: path != tmp_path)
    status, out, err = run("--html", tmp_path / "page.html")
    assert status == 2 and out == "" and err == f"rnnbench trial: --html: {tmp_path / 'page.html'} may not be written\n"


def test_the_code_on_trial_is_not_written_over(tmp_path, capsys):
    file = tmp_path / "mine.py"
    file.write_text(PLAIN, encoding="utf-8")
    assert cli.main(["trial", str(file), "--html", str(file)]) == 2
    assert "is the code on trial" in capsys.readouterr().err and file.read_text(encoding="utf-8") == PLAIN


def test_a_page_whose_disk_is_full_is_told_after_the_verdict(run, monkeypatch, tmp_path):
    def full(*how, **options):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("pathlib.Path.write_text", full)
    status, out, err = run("--html", tmp_path / "page.html")
    assert status == 2 and "is wrong" in out and err.endswith("page.html was not written: No space left on device\n")
