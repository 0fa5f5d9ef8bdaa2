"""Plain code, as docs/your-code.md has it and in other layouts: conventions are found, slips explained in the author's names."""

import json
import re
import textwrap
from itertools import product
from pathlib import Path

import numpy as np
import pytest

from rnnbench import cli
from rnnbench.errors import RuleError
from rnnbench.trial import conventions, functions
from rnnbench.trial.conventions import ConventionsError, find
from rnnbench.trial.differences import check_grads, compare
from rnnbench.trial.summary import advice

PAGE = (Path(__file__).parents[2] / "docs" / "your-code.md").read_text(encoding="utf-8")
CODE = {match[1]: match[0] for match in re.finditer(r"# (\w+\.py).*?(?=```)", PAGE, flags=re.DOTALL)}
FEW = (1, 2, 3, 5, 9, 30)


@pytest.fixture
def own(tmp_path):
    def place(text, name="own.py"):
        (tmp_path / name).write_text(textwrap.dedent(text), encoding="utf-8")
        found = functions.functions(tmp_path / name)
        return found and found[:2]

    return place


def tried(name, pair, **options):
    return functions.try_functions(name, *pair, lengths=FEW, **options)


def said(verdict):
    return {finding.parameter: finding.diagnosis for finding in verdict.findings if finding.depth == 1}


def test_the_page_has_the_examples_that_are_tried_here():
    assert CODE.keys() == {
        *("minchar.py", "dicts.py", "recursion.py", "test_leaky.py", "updates.py"),
        *("in_torch.py", "in_jax.py", "in_keras.py"),
    }


def test_column_vectors_indices_and_clipping(own):
    verdict = functions.try_functions("minchar", *own(CODE["minchar.py"]))  # long sequences alone are cut off
    assert verdict.conventions.startswith("column vectors, tanh, softmax cross-entropy, summed over steps")
    assert said(verdict).keys() == {"Wxh", "Whh", "Why", "bh", "by"}
    wrong = {words for words in said(verdict).values() if words}
    assert wrong == {"every element is cut off (clipped by element)"} and not verdict.exact
    free = re.sub(r"    for d in .*?out=d\)\n", "", CODE["minchar.py"], flags=re.DOTALL)
    assert tried("minchar", own(free, "free.py")).exact


def test_clipping_hides_nothing_else(own):
    """The transpose of Whh is missing, and what is large is cut off."""
    slipped = CODE["minchar.py"].replace("later = Whh.T @ dz", "later = Whh @ dz").replace("-5, 5", "-1, 1")
    words = said(functions.try_functions("minchar", *own(slipped)))
    assert words["Whh"].startswith("R stands where its transpose belongs")
    assert words["Whh"].endswith("; and where it is large, every element is cut off (clipped by element)")
    assert words["by"] == "every element is cut off (clipped by element)"


def test_a_dict_of_weights(own):
    verdict = tried("dicts", own(CODE["dicts.py"]))
    words = said(verdict)
    assert words['params["V"]'] == "" == words['params["c"]']
    for name in ("U", "W", "b"):
        assert "R stands where its transpose belongs" in words[f'params["{name}"]']
    right = CODE["dicts.py"].replace('params["W"] @ dz', 'params["W"].T @ dz')
    assert tried("dicts", own(right, "right.py")).exact


def test_the_posted_recursion(own):
    verdict = tried("recursion", own(CODE["recursion.py"]))
    words = said(verdict)
    assert words["R[0]"] == words["W[1]"] == words["b[1]"] == ""
    assert "only lag 0 is right" in words["W[0]"] and words["W[0]"] == words["b[0]"]


def test_code_that_updates(own):
    assert tried("updates", own(CODE["updates.py"])).exact


def test_what_is_returned_may_have_a_graph_as_in_pytorch(own):
    graph = """
class Tensor:
    def __init__(self, array):
        self.array = array

    def detach(self):
        return self.array


value, slopes = loss, gradient


def loss(W, R, V, x, y):
    return Tensor(value(W, R, V, x, y))


def gradient(W, R, V, x, y):
    return [Tensor(slope) for slope in slopes(W, R, V, x, y)]
"""
    assert tried("graph", own(CODE["updates.py"] + graph)).exact


BACKWARD = {
    "torch": ("later = R @ dz[t]", "later = R.T @ dz[t]", {"W", "R"}, "R stands where its transpose belongs"),
    "jax": ("states[:-1].T @ dz[1:]", "states.T @ dz", {"R"}, "x^t stands where x^{t-1} belongs"),
    "keras": ("dx = dz @ tf.transpose(R)", "dx = tf.zeros_like(dx)", {"W", "R"}, "only lag 0 is right"),
}


@pytest.mark.parametrize("library", BACKWARD)
def test_a_backward_pass_by_hand_in_a_library(own, library):
    pytest.importorskip(library)
    text = CODE[f"in_{library}.py"]
    assert tried(library, own(text)).exact
    right, slip, parameters, words = BACKWARD[library]
    assert text.count(right) == 1
    found = said(tried(library, own(text.replace(right, slip), "slip.py")))
    assert {name for name, of in found.items() if of} == parameters
    assert all(words in found[name] for name in parameters), found


FLOAT64 = {
    "torch": ("central differences", "torch.as_tensor(array)", "torch.as_tensor(array, dtype=torch.float32)"),
    "jax": ("complex steps", '"jax_enable_x64", True', '"jax_enable_x64", False'),
}


@pytest.mark.parametrize("library", FLOAT64)
def test_a_library_in_float64_and_in_float32_is_held_against_its_own_loss(own, library):
    pytest.importorskip(library)
    text = CODE[f"in_{library}.py"]
    method, double, single = FLOAT64[library]
    assert text.count(double) == 1
    right, slip, parameters, _ = BACKWARD[library]
    rng = np.random.default_rng(0)
    params = tuple(0.5 * rng.normal(size=shape) for shape in ((2, 3), (3, 3), (3, 2)))
    given = params, rng.normal(size=(5, 2)), rng.normal(size=(5, 2))
    # JAX keeps what was set last, so float64 comes last.
    for name, of, how in (("single", text.replace(double, single), "central differences in float32"), ("double", text, method)):
        found = check_grads(*own(of, f"{name}.py"), *given)
        assert found.method == how and found.probes == 5
        wrong = compare(*own(of.replace(right, slip), f"{name}_slip.py"), *given)
        assert {one.parameter for one in wrong.parameters if not one.exact} == parameters


def test_the_command_tries_two_functions(tmp_path, capsys):
    file = tmp_path / "recursion.py"
    file.write_text(CODE["recursion.py"], encoding="utf-8")
    assert cli.main(["trial", str(file)]) == 1
    page = capsys.readouterr().out
    assert page.startswith("recursion is wrong.\n\nR[0], W[1] and b[1] are right.\nW[0] and b[0]: only lag 0 is right")
    assert "the line is dx[t] += dz[t + 1] @ R[0].T, before dz[t]" in " ".join(page.split())
    assert "Its gradient is that of posted (The derivation in question" in page
    assert "Its conventions, as found: row vectors, tanh, half the squared error, summed over steps" in page
    assert "Not supported" not in page
    readme = (Path(__file__).parents[2] / "README.md").read_text(encoding="utf-8")
    assert re.search(r"```text\n(.*?)```", readme, flags=re.DOTALL)[1] in page


LEAKY = (
    CODE["test_leaky.py"]
    + """

def example():
    rng = np.random.default_rng(0)
    params = 0.5 * rng.normal(size=(3, 4)), 0.5 * rng.normal(size=(4, 4)), 0.1 * rng.normal(size=4)
    return params, rng.normal(size=(6, 3)), rng.normal(size=(6, 4))
"""
)


@pytest.mark.parametrize(
    ("old", "new", "status", "words"),
    [
        ("", "", 0, "The gradient is exact (against complex steps of the loss"),
        ("dx + R @ dz", "dx", 1, "The gradient is wrong in W, R, b"),
        ("return dW, dR, db", "return dW, dR", 2, "gradient returns 2 arrays, and there are 3 parameters"),
        ("dW += np.outer", "dW += np.outher", 2, "on example() it raised AttributeError"),
        (
            "size=(6, 3)), rng.normal(size=(6, 4))",
            "size=(2, 3)), rng.normal(size=(2, 4))",
            2,
            "cannot judge: a sequence of 2 steps",
        ),
    ],
)
def test_a_network_of_another_kind_is_held_against_its_own_loss_where_there_is_an_example(
    tmp_path, capsys, monkeypatch, old, new, status, words
):
    monkeypatch.setattr(functions, "WITH_AN_EXAMPLE", 0.3)
    file = tmp_path / "leaky.py"
    assert old in LEAKY
    file.write_text(LEAKY.replace(old, new, 1) if "size" not in old else LEAKY.replace(old, new), encoding="utf-8")
    assert cli.main(["trial", str(file)]) == status
    out, err = capsys.readouterr()
    assert words in (err if status == 2 else out)
    assert status == 2 or "No convention of the loss was found" in out
    if status < 2:
        assert cli.main(["trial", str(file), "--json"]) == status and json.loads(capsys.readouterr().out)["exact"] == (
            status == 0
        )


ACTIVATIONS = {"tanh": "np.tanh(z)", "logistic": "1 / (1 + np.exp(-z))", "relu": "np.maximum(z, 0)"}
SLOPES = {"tanh": "1 - h**2", "logistic": "h * (1 - h)", "relu": "(h > 0) * 1.0"}
LOSSES = {
    "mse": ("o", "np.sum((p - y) ** 2)", "2 * (p - y)"),
    "logistic_mse": ("1 / (1 + np.exp(-o))", "0.5 * np.sum((p - y) ** 2)", "(p - y) * p * (1 - p)"),
    "binary_crossentropy": ("1 / (1 + np.exp(-o))", "-np.sum(y * np.log(p) + (1 - y) * np.log(1 - p))", "p - y"),
    "softmax_crossentropy": ("np.exp(o) / np.exp(o).sum()", "-np.sum(y * np.log(p))", "p - y"),
}


def code(activation, loss, columns, last, mean):
    """An RNN in row or column vectors, with the loss at every step or the last, summed or averaged."""
    predict, value, slope = LOSSES[loss]
    forward, output = ("Wx @ v + Wh @ hs[-1] + bh", "Wo @ h + bo") if columns else ("v @ Wx + hs[-1] @ Wh + bh", "h @ Wo + bo")
    back = ("Wo.T @ do", "Wh.T @ dz") if columns else ("do @ Wo.T", "dz @ Wh.T")
    outer = "np.outer(b, a)" if columns else "np.outer(a, b)"
    return f"""
        import numpy as np

        def run(Wx, Wh, Wo, bh, bo, xs):
            hs, ps = [np.zeros(len(bh))], []
            for v in xs:
                z = {forward}
                h = {ACTIVATIONS[activation]}
                o = {output}
                hs.append(h)
                ps.append({predict})
            return hs, ps

        def counted(xs):
            return [len(xs) - 1] if {last} else range(len(xs))

        def loss(Wx, Wh, Wo, bh, bo, xs, ys):
            hs, ps = run(Wx, Wh, Wo, bh, bo, xs)
            total = 0
            for t in counted(xs):
                p, y = ps[t], {"ys" if last else "ys[t]"}
                total += {value}
            return total / {"len(xs)" if mean else "1"}

        def outer(a, b):
            return {outer}

        def gradient(Wx, Wh, Wo, bh, bo, xs, ys):
            hs, ps = run(Wx, Wh, Wo, bh, bo, xs)
            dWx, dWh, dWo, dbh, dbo = (np.zeros_like(w) for w in (Wx, Wh, Wo, bh, bo))
            later = np.zeros(len(bh))
            for t in reversed(range(len(xs))):
                dh = later
                h = hs[t + 1]
                if t in counted(xs):
                    p, y = ps[t], {"ys" if last else "ys[t]"}
                    do = {slope} / {"len(xs)" if mean else "1"}
                    dWo += outer(h, do); dbo += do
                    dh = dh + {back[0]}
                dz = dh * ({SLOPES[activation]})
                dWx += outer(xs[t], dz); dWh += outer(hs[t], dz); dbh += dz
                later = {back[1]}
            return dWx, dWh, dWo, dbh, dbo
    """


KINDS = [
    (activation, loss, bool(n % 2), bool(n // 2 % 2), bool(n % 3 == 0 and not n // 2 % 2))
    for n, (activation, loss) in enumerate(product(ACTIVATIONS, LOSSES))
]


@pytest.mark.parametrize(("activation", "loss", "columns", "last", "mean"), KINDS)
def test_conventions_are_those_that_the_code_has(own, activation, loss, columns, last, mean):
    pair = own(code(activation, loss, columns, last, mean))
    found = find(pair[0])
    assert (found.activation, found.loss, found.given.last) == (activation, loss, last)
    assert bool(found.layout.turned) == columns and found.factor == (0.5 if loss == "logistic_mse" else 1)
    assert last or found.of_steps == (0 if mean else 1)
    verdict = tried("own", pair)
    assert verdict.exact, said(verdict)
    assert {finding.parameter for finding in verdict.findings} == {"Wx", "Wh", "Wo", "bh", "bo"}


SLIPS = {
    "later = dz @ Wh.T": ("later = np.zeros(len(bh))", {"Wx", "Wh", "bh"}, "only lag 0 is right"),
    "dz = dh * (1 - h**2)": ("dz = dh * (1 - hs[t]**2)", {"Wx", "Wh", "bh"}, "f'(z^{t-1}) stands where f'(z^t) belongs"),
    "outer(hs[t], dz)": ("outer(hs[t + 1], dz)", {"Wh"}, "x^t stands where x^{t-1} belongs"),
    "dWx += outer": ("dWx = outer", {"Wx"}, "only the term of the first step is there"),
    "outer(hs[t], dz);": ("outer(hs[t if t else -1], dz);", {"Wh"}, "x^T stands for the state before the first step"),
    "outer(xs[t], dz)": ("outer(xs[-1 - t], dz)", {"Wx"}, "meets the inputs of the steps in reversed order"),
    "reversed(range(len(xs)))": ("reversed(range(1, len(xs)))", {"Wx", "bh", "Wo", "bo"}, ""),
    "dbh += dz": ("dbh += dz * (t > 0)", {"bh"}, "the loop ends one step early"),
    "return dWx, dWh, dWo": ("return dWx, dWh.T, dWo", {"Wh"}, "transpose"),
    "return dWx,": ("return dWx / len(xs),", {"Wx"}, "number of steps that count"),
    "return dWx, ": ("return dWx + 0.01 * Wx, ", {"Wx"}, "the parameters is added, as of a weight decay"),
}


@pytest.mark.parametrize("right", SLIPS)
def test_slips_in_plain_code_are_found_where_they_are(own, right):
    slip, parameters, words = SLIPS[right]
    text = code("tanh", "mse", False, False, False)
    assert right in text
    verdict = tried("slipped", own(text.replace(right, slip)))
    found = said(verdict)
    assert {name for name, of in found.items() if of} == parameters
    assert all(words in found[name] for name in parameters), found


JOINED = """
    import numpy as np

    def run(p, x):
        h, us = np.zeros(p.V.shape[1] - 1), []
        for v in x:
            us.append(np.concatenate([h, v, [1]]))
            h = np.tanh(p.U @ us[-1])
        return np.append(h, 1), us

    def loss(p, x, y):
        return np.sum((p.V @ run(p, x)[0] - y) ** 2)

    def gradient(p, x, y):
        top, us = run(p, x)
        do = 2 * (p.V @ top - y)
        dV, dU, dh = np.outer(do, top), np.zeros_like(p.U), p.V[:, :-1].T @ do
        for t in reversed(range(len(x))):
            h = us[t + 1][: len(dh)] if t + 1 < len(us) else top[:-1]
            dz = dh * (1 - h**2)
            dU += np.outer(dz, us[t])
            dh = p.U[:, : len(dh)].T @ dz
        return {"dV": dV, "dU": dU}
"""


def test_one_matrix_of_state_input_and_bias_in_an_object(own):
    verdict = tried("joined", own(JOINED))
    assert verdict.exact and "weights in one matrix [h, x, 1]" in verdict.conventions
    assert "p.U (of x)" in said(verdict)


def test_a_matrix_that_holds_more_is_no_matrix_of_the_way_back(own):
    verdict = tried("joined", own(JOINED.replace("dh = p.U[:, : len(dh)].T @ dz", "dh = 0 * dz")))
    assert "only lag 0 is right" in said(verdict)["p.U (of h)"] and verdict.back == ""
    assert any("dL/dx^t has dz^{t+1} R^T in it" in remedy for remedy in advice(verdict))


def test_names_that_hint_at_nothing_or_at_the_wrong_thing(own):
    """Weights called s0, sh and s1 (a state, elsewhere), as in a well-known adder of binary numbers."""
    text = code("logistic", "logistic_mse", False, True, False)
    text = re.sub(r", bh, bo|, dbh, dbo| \+ bh| \+ bo|; dbo \+= do|; dbh \+= dz", "", text).replace("len(bh)", "len(Wh)")
    text = text.replace("(Wx, Wh, Wo, bh, bo)", "(Wx, Wh, Wo)")
    for name, other in (("Wx", "s0"), ("Wh", "sh"), ("Wo", "s1")):
        text = re.sub(rf"\b{name}\b", other, text)
    verdict = tried("adder", own(text))
    assert verdict.exact and said(verdict).keys() == {"s0", "sh", "s1"}


def test_two_biases_and_none(own):
    text = code("tanh", "mse", False, True, False)
    two = text.replace("bh, bo, xs", "bh, bi, bo, xs").replace("+ bh", "+ bh + bi").replace("dbh, dbo\n", "dbh, dbh, dbo\n")
    verdict = tried("two", own(two))
    assert verdict.exact and "bh and bi" in said(verdict) and "two biases" in verdict.conventions
    none = re.sub(r", bh, bo|, dbh, dbo| \+ bh| \+ bo|; dbo \+= do|; dbh \+= dz", "", text).replace("len(bh)", "len(Wh)")
    verdict = tried("none", own(none.replace("(Wx, Wh, Wo, bh, bo)", "(Wx, Wh, Wo)"), name="none.py"))
    assert verdict.exact and "no biases" in verdict.conventions and said(verdict).keys() == {"Wx", "Wh", "Wo"}


def test_one_output_that_is_a_number(own):
    verdict = tried(
        "scalar",
        own("""
            import numpy as np

            def loss(w, u, v, x, y):
                h, total = np.zeros(len(u)), 0
                for t in range(len(x)):
                    h = np.tanh(x[t] @ w + h @ u)
                    total += (h @ v - y[t]).item() ** 2
                return total

            def gradient(w, u, v, x, y):
                return np.zeros_like(w), np.zeros_like(u), np.zeros_like(v)
        """),
    )
    assert set(said(verdict).values()) == {"it is zero everywhere", "no path is there at all"}


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("def loss(x, y): return 0\ndef gradient(x, y): return 0", "it must take parameters, a sequence and its targets"),
        (
            "def loss(p, x, y): return 0\ndef gradient(p, x, y): return 0",
            "p is not all weights in one matrix, and in the file it is neither unpacked nor read by names",
        ),
        ("def loss(W, V, x, y): raise ValueError\ndef gradient(*a): return 0", "it raised on every way"),
        ("def loss(W, V, x, y): return 7.0\ndef gradient(*a): return 0", "its values are those of no such network"),
    ],
)
def test_where_no_convention_is_found_it_is_said_why(own, text, words):
    with pytest.raises(ConventionsError, match=re.escape(words)) as raised:
        find(own(text)[0])
    assert "check_grads" in str(raised.value) or "loss(params, x, y)" in str(raised.value) or "read by names" in str(raised.value)


@pytest.mark.parametrize(
    ("result", "words"),
    [
        ("dWx.T, dWh, dWo, dbh, dbo", "gradient returns "),
        ("dWx, dWh, dWo, dbh", "gradient returns 4 things, and there are 5 parameters: Wx, Wh, Wo, bh, bo"),
        ("{'dWx': dWx}", "gradient returns nothing for Wh"),
        ("dWx / 0 if False else undefined", "NameError"),
    ],
)
def test_what_is_no_gradient_is_said_to_be_none(own, monkeypatch, result, words):
    monkeypatch.setattr(conventions, "MORE", 0.1)
    text = code("tanh", "mse", False, False, False).replace("return dWx, dWh, dWo, dbh, dbo", f"return {result}")
    with pytest.raises(RuleError, match=re.escape(words)):
        tried("none", own(text))


def test_the_search_ends(own):
    slow = "import time\ndef loss(a, b, c, d, e, x, y):\n    time.sleep(0.01)\n    raise ValueError\ndef gradient(*a): pass"
    with pytest.raises(ConventionsError, match="no convention was found in 1 s"):
        find(own(slow)[0], patience=1.0)


def test_every_network_of_the_search_differs_in_all_its_sizes():
    for sizes in zip(*conventions.SIZES, strict=True):
        assert len(set(sizes)) == len(sizes)


def test_a_file_of_a_rule_is_none_of_functions(own):
    assert own("X = 1") is None and own("def loss(): pass", "half.py") is None
    assert np.isfinite(conventions.PATIENCE)
