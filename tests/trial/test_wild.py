"""Slips that people make, in plain code, each explained: which parameters it hurts, and what is wrong with them."""

import pytest

from rnnbench.trial import functions

RIGHT = """
import numpy as np


def forward(W, R, b, V, c, x):
    h = np.zeros((len(x) + 1, len(R)))  # the last row is the state before the first step
    for t in range(len(x)):
        h[t] = np.tanh(x[t] @ W + h[t - 1] @ R + b)
    return h, h[:-1] @ V + c


def loss(W, R, b, V, c, x, y):
    return 0.5 * np.sum((forward(W, R, b, V, c, x)[1] - y) ** 2)


def gradient(W, R, b, V, c, x, y):
    h, o = forward(W, R, b, V, c, x)
    dW, dR, db, dV, dc = (np.zeros_like(p) for p in (W, R, b, V, c))
    later = np.zeros(len(R))  # what comes back from the step after
    for t in reversed(range(len(x))):
        do = o[t] - y[t]
        dV += np.outer(h[t], do)
        dc += do
        dx = V @ do + later
        dz = dx * (1 - h[t] ** 2)
        dW += np.outer(x[t], dz)
        dR += np.outer(h[t - 1], dz)
        db += dz
        later = R @ dz
    return dW, dR, db, dV, dc
"""
LENGTHS = (1, 2, 3, 5, 8, 12, 20)
SLIPS = [
    ("later = R @ dz", "later = R.T @ dz", "W R b", "R stands where its transpose belongs"),
    ("later = R @ dz", "later = 0 * dz", "W R b", "only lag 0 is right; all paths through x^{t-1} are missing"),
    ("later = R @ dz", "later = R @ dx", "W R b", "what is carried is not multiplied by f'(z^t)"),
    ("later = R @ dz", "later = 0.9 * (R @ dz)", "W R b", "lag k is multiplied by 0.9^k"),
    ("later = R @ dz", "later = R @ dz * (t % 3 > 0)", "W R b", "the sequence is cut every 3 steps"),
    ("later = R @ dz", "later = dz", "W R b", "what comes back from step t + 1 is not multiplied by R"),
    ("dz = dx * (1 - h[t] ** 2)", "dz = dx", "W R b", "f'(z^t) is left out everywhere"),
    ("dz = dx * (1 - h[t] ** 2)", "dz = dx * (1 - h[t - 1] ** 2)", "W R b", "f'(z^{t-1}) stands where f'(z^t) belongs"),
    (
        "dz = dx * (1 - h[t] ** 2)",
        "dz = dx * (1 - np.tanh(h[t]) ** 2)",
        "W R b",
        "f' is taken of x^t, to which f was applied already",
    ),
    ("dz = dx * (1 - h[t] ** 2)", "dz = dx * h[t] * (1 - h[t])", "W R b", "x (1 - x) is taken for f'"),
    (
        "dz = dx * (1 - h[t] ** 2)",
        "dz = V @ do * (1 - h[t] ** 2) + later",
        "W R b",
        "what comes back from step t + 1 is not multiplied by f'(z^t)",
    ),
    (
        "dz = dx * (1 - h[t] ** 2)",
        "dz = V @ do + later * (1 - h[t] ** 2)",
        "W R b",
        "what comes from the outputs is not multiplied by f'(z^t)",
    ),
    ("dW += np", "dW = np", "W", "only the term of the first step is there: it is assigned (=)"),
    ("db += dz", "db = dz", "b", "only the term of the first step is there: it is assigned (=)"),
    ("dR += np.outer(h[t - 1], dz)", "dR += np.outer(h[t], dz)", "R", "x^t stands where x^{t-1} belongs"),
    (
        "dR += np.outer(h[t - 1], dz)",
        "dR += np.outer(h[(t - 1) % len(x)], dz)",
        "R",
        "x^T stands for the state before the first step",
    ),
    ("dR += np.outer(h[t - 1], dz)", "dR += np.outer(dz, h[t - 1])", "R", "the result is the transpose of the derivative"),
    (
        "dW += np.outer(x[t], dz)",
        "dW += np.outer(x[t - 1], dz)",
        "W",
        "x^{t-1} stands where x^t belongs, and at the first step x^T",
    ),
    ("dW += np.outer(x[t], dz)", "dW += np.outer(x[(t + 1) % len(x)], dz)", "W", "x^{t+1} stands where x^t belongs"),
    (
        "dW += np.outer(x[t], dz)",
        "dW += np.outer(x[len(x) - 1 - t], dz)",
        "W",
        "dL/dz^t meets the inputs of the steps in reversed order",
    ),
    (
        "dW += np.outer(x[t], dz)",
        "dW += np.outer(dz, x[t]).reshape(W.shape)",
        "W",
        "it is the transpose of the derivative, reshaped",
    ),
    ("do = o[t] - y[t]", "do = y[t] - o[t]", "W R b V c", "the sign is wrong"),
    ("do = o[t] - y[t]", "do = o[t]", "W R b V c", "the target is not subtracted from the prediction"),
    ("do = o[t] - y[t]", "do = 2 * (o[t] - y[t])", "W R b V c", "multiplied by 2"),
    ("do = o[t] - y[t]", "do = (o[t] - y[t]) / len(x)", "W R b V c", "divided by the number of steps that count once more"),
    ("do = o[t] - y[t]", "do = (o[t] - y[t]) / len(y[t])", "W R b V c", "divided by the number of outputs once more"),
    ("do = o[t] - y[t]", "do = o[t] - y[(t + 1) % len(x)]", "W R b V", "the target of the next step is taken"),
    ("do = o[t] - y[t]", "do = o[t] - y[t - 1]", "W R b V", "the target of the step before is taken"),
    ("do = o[t] - y[t]", "do = (o[t] - y[t]) * (t == len(x) - 1)", "W R b V c", "the error of the last step alone is there"),
    ("do = o[t] - y[t]", "do = o[-1] - y[-1]", "W R b V c", "the error of the last step is taken at every step"),
    ("        dc += do\n", "", "c", "it is zero everywhere"),
    ("return dW, dR", "return dW + 0.01 * W, dR", "W", "the parameters is added, as of a weight decay"),
    (
        "return dW, dR, db, dV, dc",
        "return [np.clip(d, -1, 1) for d in (dW, dR, db, dV, dc)]",
        "W R b V c",
        "every element is cut off",
    ),
]


def findings(tmp_path, text):
    file = tmp_path / "own.py"
    file.write_text(text, encoding="utf-8")
    of = functions.functions(file)
    return functions.try_functions("own", of.loss, of.gradient, lengths=LENGTHS).findings


def test_the_code_is_right(tmp_path):
    assert all(finding.verdict == "exact" for finding in findings(tmp_path, RIGHT))


@pytest.mark.parametrize(("right", "wrong", "parameters", "words"), SLIPS)
def test_a_slip_is_explained(tmp_path, right, wrong, parameters, words):
    assert RIGHT.count(right) == 1
    found = {finding.parameter: finding.diagnosis for finding in findings(tmp_path, RIGHT.replace(right, wrong))}
    assert {name for name, diagnosis in found.items() if diagnosis} == set(parameters.split())
    # Of the bias of the output, an error at every step and its sum at one are the same.
    told = [name for name in parameters.split() if name != "c" or "the error of the last" not in words]
    assert all(words in found[name] for name in told), found


def test_there_are_many():
    assert len(SLIPS) >= 25
