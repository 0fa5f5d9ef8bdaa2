"""Independent oracles, written from the equations one number at a time, sharing no code with the package.

`loss` runs the network for one replicate in complex numbers, so that its derivative can be taken by a complex step: the
imaginary part of L(theta + i h) / h for a tiny h, which has no cancellation and is exact to rounding.
"""

import cmath
from itertools import pairwise

import numpy as np


def _activate(name, z):
    if name == "tanh":
        return cmath.tanh(z)
    if name == "logistic":
        return 1 / (1 + cmath.exp(-z))
    return z if z.real > 0 else 0 * z


def loss(theta, network, x, y, counted):
    """Mean loss of one replicate. x (T, batch, inputs), y (counted steps, batch, ...), counted: list of steps."""
    sizes = [network.inputs, *network.hidden]
    position = 0

    def matrix(rows, columns):
        nonlocal position
        block = [[theta[position + r * columns + c] for c in range(columns)] for r in range(rows)]
        position += rows * columns
        return block

    W, R, b = [], [None], []
    for below, own in pairwise(sizes):
        W.append(matrix(below, own))
        R.append(matrix(own, own))
        b.append(matrix(1, own)[0])
    W.append(matrix(sizes[-1], network.outputs))
    b.append(matrix(1, network.outputs)[0])

    T, batch = x.shape[:2]
    total = 0
    for sequence in range(batch):
        h = [None] + [[network.at_rest] * n for n in network.hidden]
        for t in range(T):
            below = list(x[t, sequence])
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
            if t not in counted:
                continue
            o = [sum(below[j] * W[-1][j][k] for j in range(sizes[-1])) + b[-1][k] for k in range(network.outputs)]
            target = y[counted.index(t), sequence]
            total += _loss(network.loss, o, target)
    return total / (batch * len(counted))


def _loss(name, o, target):
    if name == "mse":
        return sum((value - t) ** 2 for value, t in zip(o, target)) / len(o)
    if name == "logistic_mse":
        return sum((_activate("logistic", value) - t) ** 2 for value, t in zip(o, target)) / len(o)
    if name == "binary_crossentropy":
        return sum(cmath.log(1 + cmath.exp(value)) - t * value for value, t in zip(o, target)) / len(o)
    return cmath.log(sum(cmath.exp(value) for value in o)) - o[int(target)]


def complex_step(network, vector, x, y, counted, h=1e-30):
    """dL/dtheta of every replicate, (replicate, parameter)."""
    gradient = np.empty_like(vector)
    for r in range(len(vector)):
        own_x, own_y = x[r % len(x)], y[r % len(y)]
        for p in range(vector.shape[1]):
            theta = vector[r].astype(complex)
            theta[p] += 1j * h
            gradient[r, p] = loss(list(theta), network, own_x, own_y, counted).imag / h
    return gradient
