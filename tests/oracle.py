"""Independent oracles, written from the equations one number at a time, sharing no code with the package.

`loss` runs the network in complex numbers, so that its derivative can be taken by a complex step: the imaginary part of
L(theta + i h) / h for a tiny h, which has no cancellation and is exact to rounding. Each number of the equations is an array
(replicate, direction, sequence), so that the steps along all parameters are taken at once.
"""

from itertools import pairwise

import numpy as np


def _activate(name, z):
    if name == "tanh":
        return np.tanh(z)
    if name == "logistic":
        return 1 / (1 + np.exp(-z))
    return np.where(z.real > 0, z, 0)


def loss(theta, network, x, y, counted):
    """Mean loss, (replicate, direction). theta (replicate, direction, parameter), x (replicate, T, batch, inputs), y (replicate,
    counted steps, batch, ...), counted: list of steps.
    """
    sizes = [network.inputs, *network.hidden]
    position = 0

    def matrix(rows, columns):
        nonlocal position
        block = [[theta[:, :, position + r * columns + c, None] for c in range(columns)] for r in range(rows)]
        position += rows * columns
        return block

    W, R, b = [], [None], []
    for below, own in pairwise(sizes):
        W.append(matrix(below, own))
        R.append(matrix(own, own))
        b.append(matrix(1, own)[0])
    W.append(matrix(sizes[-1], network.outputs))
    b.append(matrix(1, network.outputs)[0])

    total = 0
    h = [None] + [[network.at_rest] * n for n in network.hidden]
    for t in range(x.shape[1]):
        below = [x[:, t, None, :, j] for j in range(network.inputs)]
        for i in range(1, len(sizes)):
            z = [
                sum(below[j] * W[i - 1][j][k] for j in range(sizes[i - 1]))
                + sum(h[i][j] * R[i][j][k] for j in range(sizes[i]))
                + b[i - 1][k]
                for k in range(sizes[i])
            ]
            fresh = [_activate(network.activation, value) for value in z]
            h[i] = [network.leak * old + (1 - network.leak) * new for old, new in zip(h[i], fresh)]
            below = h[i]
        if t in counted:
            o = [sum(below[j] * W[-1][j][k] for j in range(sizes[-1])) + b[-1][k] for k in range(network.outputs)]
            total = total + _loss(network.loss, o, y[:, counted.index(t), None]).mean(-1)
    return total / len(counted)


def _loss(name, o, target):
    if name == "softmax_crossentropy":
        return np.log(sum(np.exp(value) for value in o)) - sum((target == k) * value for k, value in enumerate(o))
    pairs = [(value, target[..., k]) for k, value in enumerate(o)]
    if name == "mse":
        return sum((value - t) ** 2 for value, t in pairs) / len(o)
    if name == "logistic_mse":
        return sum((_activate("logistic", value) - t) ** 2 for value, t in pairs) / len(o)
    return sum(np.log(1 + np.exp(value)) - t * value for value, t in pairs) / len(o)


def complex_step(network, vector, x, y, counted, h=1e-30):
    """dL/dtheta of every replicate, (replicate, parameter)."""
    along = vector[:, None] + 1j * h * np.eye(vector.shape[1])
    return loss(along, network, x, y, counted).imag / h
