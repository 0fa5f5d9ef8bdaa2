"""Networks in other layouts than those of docs/your-code.md: no readout, several sequences at once, masks, float32."""

import pytest

from rnnbench import cli
from rnnbench.trial import functions
from rnnbench.trial.conventions import ConventionsError

FEW = (1, 2, 3, 5, 9)
STATES = """
import numpy as np


def forward(W, R, b, x):
    h = [np.zeros(len(R))]
    for v in x:
        h.append(np.tanh(v @ W + h[-1] @ R + b))
    return h


def loss(W, R, b, x, y):
    return np.sum((np.array(forward(W, R, b, x)[1:]) - y) ** 2)


def gradient(W, R, b, x, y):
    h = forward(W, R, b, x)
    dW, dR, db = np.zeros_like(W), np.zeros_like(R), np.zeros_like(b)
    later = 0
    for t in reversed(range(len(x))):
        dz = (2 * (h[t + 1] - y[t]) + later) * (1 - h[t + 1] ** 2)
        dW += np.outer(x[t], dz)
        dR += np.outer(h[t], dz)
        db += dz
        later = R @ dz
    return dW, dR, db
"""
ONE_MATRIX = """
import numpy as np


def joint(v, h):
    return np.vstack([v[:, None], h, [[1]]])


def forward(W, x):
    h = [np.zeros((len(W), 1))]
    for v in x:
        h.append(np.tanh(W @ joint(v, h[-1])))
    return h


def loss(W, x, y):
    return 0.5 * np.sum((forward(W, x)[-1][:, 0] - y) ** 2)


def gradient(W, x, y):
    h = forward(W, x)
    dW, dx = np.zeros_like(W), h[-1] - y[:, None]
    for t in reversed(range(len(x))):
        dz = dx * (1 - h[t + 1] ** 2)
        dW += dz @ joint(x[t], h[t]).T
        dx = W[:, len(x[0]) : -1].T @ dz
    return dW
"""
BATCH_FIRST = """
import numpy as np


def forward(p, x):
    h = [np.zeros((len(x), len(p["R"])))]
    for t in range(x.shape[1]):
        h.append(np.tanh(x[:, t] @ p["W"] + h[-1] @ p["R"] + p["b"]))
    z = np.exp(h[-1] @ p["V"] + p["c"])
    return h, z / z.sum(1, keepdims=True)


def loss(p, x, y):
    return -np.mean(np.sum(y * np.log(forward(p, x)[1]), 1))


def gradient(p, x, y):
    h, shares = forward(p, x)
    do = (shares - y) / len(x)
    d = {name: np.zeros_like(of) for name, of in p.items()}
    d["V"], d["c"], dx = h[-1].T @ do, do.sum(0), do @ p["V"].T
    for t in reversed(range(x.shape[1])):
        dz = dx * (1 - h[t + 1] ** 2)
        d["W"] += x[:, t].T @ dz
        d["R"] += h[t].T @ dz
        d["b"] += dz.sum(0)
        dx = dz @ p["R"].T
    return d
"""
TIME_FIRST = """
import numpy as np


def forward(W, R, V, x, h0):
    h = [h0]
    for v in x:
        h.append(np.tanh(v @ W + h[-1] @ R))
    return h, np.array(h[1:]) @ V


def loss(W, R, V, x, y, h0):
    return np.sum((forward(W, R, V, x, h0)[1] - y) ** 2)


def gradient(W, R, V, x, y, h0):
    h, o = forward(W, R, V, x, h0)
    dW, dR, dV, later = np.zeros_like(W), np.zeros_like(R), np.zeros_like(V), 0
    for t in reversed(range(len(x))):
        do = 2 * (o[t] - y[t])
        dV += h[t + 1].T @ do
        dz = (do @ V.T + later) * (1 - h[t + 1] ** 2)
        dW += x[t].T @ dz
        dR += h[t].T @ dz
        later = dz @ R.T
    return dW, dR, dV
"""
INDICES = """
import numpy as np


def forward(E, R, V, x, y):
    h, shares, total = [np.zeros((x.shape[1], len(R)))], [], 0
    for v, k in zip(x, y):
        h.append(np.tanh(E[v] + h[-1] @ R))
        z = np.exp(h[-1] @ V)
        shares.append(z / z.sum(1, keepdims=True))
        total -= np.log(shares[-1][np.arange(len(k)), k]).sum()
    return total / x.size, h, shares


def loss(E, R, V, x, y):
    return forward(E, R, V, x, y)[0]


def gradient(E, R, V, x, y):
    _, h, shares = forward(E, R, V, x, y)
    dE, dR, dV, later = np.zeros_like(E), np.zeros_like(R), np.zeros_like(V), 0
    for t in reversed(range(len(x))):
        do = (shares[t] - np.eye(V.shape[1])[y[t]]) / x.size
        dV += h[t + 1].T @ do
        dz = (do @ V.T + later) * (1 - h[t + 1] ** 2)
        np.add.at(dE, x[t], dz)
        dR += h[t].T @ dz
        later = dz @ R.T
    return dE, dR, dV
"""
MASK = """
import numpy as np


def forward(W, R, V, x):
    h = [np.zeros(len(R))]
    for v in x:
        h.append(np.tanh(v @ W + h[-1] @ R))
    return h, np.array(h[1:]) @ V


def loss(W, R, V, x, y, mask):
    return np.sum(mask[:, None] * (forward(W, R, V, x)[1] - y) ** 2) / np.sum(mask)


def gradient(W, R, V, x, y, mask):
    h, o = forward(W, R, V, x)
    dW, dR, dV, later = np.zeros_like(W), np.zeros_like(R), np.zeros_like(V), 0
    for t in reversed(range(len(x))):
        do = 2 * (o[t] - y[t]) * mask[t] / mask.sum()
        dV += np.outer(h[t + 1], do)
        dz = (V @ do + later) * (1 - h[t + 1] ** 2)
        dW += np.outer(x[t], dz)
        dR += np.outer(h[t], dz)
        later = R @ dz
    return dW, dR, dV
"""


def tried(tmp_path, text, *change):
    file = tmp_path / "own.py"
    for right, wrong in (change,) if change else ():
        assert right in text
        text = text.replace(right, wrong)
    file.write_text(text, encoding="utf-8")
    of = functions.functions(file)
    return functions.try_functions("own", of.loss, of.gradient, lengths=FEW)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (STATES, "squared error, summed over steps and summed over outputs, the states are the outputs"),
        (ONE_MATRIX, "at the last step and summed over outputs, weights in one matrix [x, h, 1], the states are the outputs"),
        (BATCH_FIRST, "x is an array (batch, step, feature), mean over sequences"),
        (TIME_FIRST, "x is an array (step, batch, feature), sum over sequences"),
        (INDICES, "x is an array of indices (step, batch), mean over sequences"),
        (MASK, "averaged over steps and summed over outputs, no biases, h0 = 0, x is an array (step, feature), mask is 1 where"),
    ],
)
def test_exact_code_is_exact_and_its_layout_told(tmp_path, text, words):
    verdict = tried(tmp_path, text)
    assert verdict.exact, verdict
    assert words in verdict.conventions


@pytest.mark.parametrize(
    ("text", "change", "wrong", "words"),
    [
        (STATES, ("later = R @ dz", "later = 0"), "W R b", "only lag 0 is right"),
        (STATES, ("dR += np.outer(h[t], dz)", "dR += np.outer(h[t + 1], dz)"), "R", "x^t stands where x^{t-1} belongs"),
        (ONE_MATRIX, ("1].T @ dz", "1] @ dz"), "W (of x)|W (of h)|W (of 1)", "R stands where its transpose belongs"),
        (BATCH_FIRST, (" / len(x)", ""), 'p["W"] p["R"] p["b"] p["V"] p["c"]', "multiplied by the batch size"),
        (BATCH_FIRST, ("dz.sum(0)", "dz.mean(0)"), 'p["b"]', "divided by the batch size once more than the loss is"),
        (TIME_FIRST, ("2 * (o[t] - y[t])", "2 * (o[t] - y[t]) / len(y[t])"), "W R V", "divided by the batch size"),
        (INDICES, ("np.add.at(dE, x[t], dz)", "dE[x[t]] += dz"), "E", "d[indices] += adds once, np.add.at adds all"),
        (MASK, ("/ mask.sum()", "/ len(mask)"), "W R V", "divided by all steps of the window, not by those that count"),
        (MASK, (" * mask[t]", ""), "W R V", "only where mask leaves steps out"),
    ],
)
def test_slips_are_explained_there_too(tmp_path, text, change, wrong, words):
    found = {finding.parameter: finding.diagnosis for finding in tried(tmp_path, text, *change).findings}
    named = wrong.split("|" if "|" in wrong else " ")
    assert {name for name, diagnosis in found.items() if diagnosis} == set(named)
    assert all(words in found[name] for name in named), found


def test_the_command_chooses_no_functions_for_plain_code(tmp_path, capsys):
    (tmp_path / "own.py").write_text(STATES, encoding="utf-8")
    assert cli.main(["trial", str(tmp_path / "own.py"), "--activation", "relu"]) == 2
    assert "those of plain code are found by calling its loss" in capsys.readouterr().err


def test_a_mean_under_a_mask_may_be_over_all_steps(tmp_path):
    text = MASK.replace("/ np.sum(mask)", "/ len(mask)").replace("/ mask.sum()", "/ len(mask)")
    assert tried(tmp_path, text).exact
    assert tried(tmp_path, MASK.replace("/ np.sum(mask)", "").replace(" / mask.sum()", "")).exact


def test_what_no_mask_is_like_is_said(tmp_path):
    with pytest.raises(ConventionsError, match="mask was handed over as ones and zeros"):
        tried(tmp_path, MASK, "np.sum(mask[:, None] *", "np.sum(mask[::-1, None] *")


def test_a_loss_in_float32_is_said_to_be_too_coarse(tmp_path):
    with pytest.raises(ConventionsError, match="loss computes in float32"):
        tried(
            tmp_path,
            STATES,
            "np.sum((np.array(forward(W, R, b, x)[1:]) - y) ** 2)",
            "np.float32(np.sum((np.array(forward(W, R, b, x)[1:]) - y) ** 2))",
        )
