"""Errors for `power.py` to plant: each small, such as people make, and really wrong.

A plant names its place by a snippet that stands once in the sources, wherever the file is.
"""

from typing import NamedTuple


class Plant(NamedTuple):
    """ways: snippets and what stands in their place; the first that is there is planted.

    nearest: test files, or FILE:WORD in the names of their tests.
    """

    name: str
    nearest: str
    ways: tuple[tuple[str, str], ...]


def plant(name: str, nearest: str, *words: str) -> Plant:
    """words: snippet, replacement, and again for a tree that writes it in another way."""
    return Plant(name, nearest, tuple(zip(words[::2], words[1::2], strict=True)))


def changed(name: str, nearest: str, around: str, right: str, wrong: str) -> Plant:
    """A plant within a longer snippet, of which only this part is changed."""
    assert around.count(right) == 1, name
    return plant(name, nearest, around, around.replace(right, wrong))


GRADIENTS = (
    # What all rules share.
    plant(
        "readout: the mean over steps is left out",
        "test_exact",
        "mean_over(do.shape[1] * do.shape[2], do)",
        "mean_over(do.shape[2], do)",
    ),
    plant(
        "readout: divided by the replicates for the batch",
        "test_exact",
        "mean_over(do.shape[1] * do.shape[2], do)",
        "mean_over(do.shape[1] * do.shape[0], do)",
    ),
    plant(
        "downward: f' is left out on the way to the layer below",
        "test_contract test_properties:snap",
        "dx = (dx * slope) @ params.W[i - 1][:, None]",
        "dx = dx @ params.W[i - 1][:, None]",
    ),
    plant(
        "outer products: the first sequence of a batch alone",
        "test_base",
        "    if rows == 1:\n        return outer(u[:, 0]",
        "    if steps == 1:\n        return outer(u[:, 0]",
    ),
    plant("outer products: a row counts twice", "test_base", "    rows[..., 0, :] = row", "    rows[...] = row[..., None, :]"),
    plant(
        "counted steps: an index is off by one",
        "test_contract",
        "else tuple(counted.tolist())",
        "else tuple((counted - 1).tolist())",
    ),
    changed(
        "a sum of u and dz: the state of the next step",
        "test_contract",
        "summed(at(window.counted, activity.u[i][:, :-1]), present * slope, out=gradient.V[i])\n        return Step",
        "[:, :-1]",
        "[:, 1:]",
    ),
    # Bptt.
    plant(
        "bptt: the first step gets nothing from the second",
        "test_exact",
        "for t in range(steps - 2, -1, -1):\n        np.matmul(dz",
        "for t in range(steps - 2, 0, -1):\n        np.matmul(dz",
    ),
    plant(
        "bptt: R not transposed",
        "test_exact",
        "R_transposed = transposed(params.R[i], steps)[:, None]\n    total",
        "R_transposed = params.R[i][:, None]\n    total",
    ),
    plant(
        "bptt: the leak passes on the present error alone",
        "test_exact",
        "from_next += network.leak * total",
        "from_next += network.leak * dx[:, t + 1]",
    ),
    plant(
        "bptt: the total is a view of what is written next",
        "test_exact",
        "total = from_next.copy()",
        "total = from_next",
    ),
    plant("bptt: layers below hear of counted steps alone", "test_exact", "            reached = range(dx.shape[1])\n", ""),
    # Rtrl.
    plant(
        "rtrl: f' is left out of what comes from below",
        "test_exact",
        "+= (fz * W_transposed[i - 1][r, None]) @ below",
        "+= W_transposed[i - 1][r, None] @ below",
    ),
    plant(
        "rtrl: parameters in the wrong order",
        "test_exact",
        ".reshape(replicates, n, j).swapaxes(1, 2)",
        ".reshape(replicates, j, n)",
    ),
    plant("rtrl: nothing is carried from window to window", "test_contract", "carry.P[i][r, b] if carry.P else None", "None"),
    plant(
        "sensitivities: the leak in every entry",
        "test_exact test_properties:snap",
        'np.einsum("rbnn->rbn", found)[...] += leak',
        "found += leak",
    ),
    plant(
        "sensitivities: the last step is written elsewhere",
        "test_contract",
        "yield end if left % 2 else other",
        "yield other if left % 2 else end",
    ),
    plant(
        "sensitivities: the immediate term at the first parameters",
        "test_exact",
        "own = out[..., out.shape[-1] - n * j :]",
        "own = out[..., : n * j]",
    ),
    plant(
        "sensitivities: the pattern is spread in the wrong order",
        "test_properties:snap",
        "np.repeat(kept[r], u.shape[-1], axis=2)",
        "np.tile(kept[r], u.shape[-1])",
    ),
    plant("sensitivities: tiles overlap", "test_contract", "slice(b, b + b_step)", "slice(b, batch)"),
    plant(
        "sensitivities: rows in place of columns of R",
        "test_exact",
        "found = fz * R_transposed[:, None]",
        "found = fz * R_transposed.swapaxes(1, 2)[:, None]",
    ),
    # Posted, Elman, the multilayer perceptron.
    plant(
        "posted: f' is left out of W and b",
        "test_contract",
        "summed(activity.u[i][:, :-1], present * slope, out=gradient.V[i])\n            x_before",
        "summed(activity.u[i][:, :-1], present, out=gradient.V[i])\n            x_before",
    ),
    plant("posted: x^t for x^{t-1}", "test_contract", "x_before = network.before(activity, i)", "x_before = activity.x[i]"),
    plant(
        "mlp: recurrence gets a gradient",
        "test_contract",
        "window: Window, carry: State) -> Step:\n        step = super().step(params, window, carry)\n"
        "        self.prepare(self.network.parameters(step.gradient))\n",
        "window: Window, carry: State) -> Step:\n        step = super().step(params, window, carry)\n",
    ),
    plant(
        "mlp: one unit keeps its recurrence",
        "test_contract test_trainers",
        "            R[...] = 0\n",
        "            R[:, 1:] = 0\n",
    ),
    # Traces.
    plant(
        "diagonal: the whole of R gets a gradient",
        "test_properties:diagonal",
        "carry: EligibilityCarry) -> Step:\n        step = super().step(params, window, carry)\n"
        "        self.prepare(self.network.parameters(step.gradient))\n",
        "carry: EligibilityCarry) -> Step:\n        step = super().step(params, window, carry)\n",
        # before the rule knew of the carry's name
        "carry: TraceCarry) -> Step:\n        step = super().step(params, window, carry)\n"
        "        self.prepare(self.network.parameters(step.gradient))\n",
        "carry: TraceCarry) -> Step:\n        step = super().step(params, window, carry)\n",
    ),
    plant(
        "traces: the factor of the step itself for that of the next",
        "test_contract test_properties:snap_1 test_properties:rflo test_properties:traces",
        "np.multiply(kept[t + 1], product[t + 1], out=product[t])",
        "np.multiply(kept[t], product[t + 1], out=product[t])",
    ),
    plant(
        "traces: what was carried meets its credit undamped",
        "test_contract test_properties:snap_1 test_properties:rflo test_properties:traces",
        "((kept[0] * later[:, 0])[:, :, None] * e).sum(1)",
        "(later[:, 0][:, :, None] * e).sum(1)",
    ),
    plant(
        "traces: a window of one step forgets those before",
        "test_contract",
        "            end += kept[:, 0, :, None] * e\n",
        "            pass\n",
    ),
    plant(
        "snap1: no leak in the trace",
        "test_properties:snap test_properties:traces",
        '"rkk->rk", params.R[i])[:, None, None] + self.network.leak',
        '"rkk->rk", params.R[i])[:, None, None]',
    ),
    plant(
        "snap1: the whole row of R for its diagonal",
        "test_properties:snap test_properties:traces",
        'np.einsum("rkk->rk", params.R[i])[:, None, None]',
        "params.R[i].sum(1)[:, None, None]",
    ),
    plant(
        "eprop: the leak alone is kept, as in rflo",
        "test_properties:e_prop test_properties:traces",
        "from rnnbench.gradients.snap1 import Snap1\n\n\nclass Eprop(Snap1):",
        "from rnnbench.gradients.rflo import Rflo\n\n\nclass Eprop(Rflo):",
        "class Eprop(Snap1):",
        "from rnnbench.gradients.rflo import Rflo\n\n\nclass Eprop(Rflo):",
    ),
    plant(
        "eprop-random: the variance of the outputs' number",
        "test_properties:e_prop test_properties:random_feedback test_classes",
        "/ np.sqrt(shape[2]).astype(dtype)",
        "/ np.sqrt(shape[1]).astype(dtype)",
    ),
    plant(
        "eprop-random: the errors of other steps",
        "test_properties:e_prop test_properties:random_feedback",
        "credit[:, window.counted] = of_outputs(",
        "credit[:, : activity.outputs.shape[1]] = of_outputs(",
    ),
    plant(
        "rflo: what is forgotten for what is kept",
        "test_properties:rflo",
        "np.array(self.network.leak, slope.dtype)",
        "np.array(1 - self.network.leak, slope.dtype)",
    ),
    plant(
        "snap2: a step too many in the pattern",
        "test_properties:snap",
        "within(params.R[i], self.order - 1)",
        "within(params.R[i], self.order)",
    ),
    plant(
        "snap2: from unit to parameter for from parameter to unit",
        "test_properties:snap",
        "    return reached.swapaxes(1, 2)",
        "    return reached",
    ),
    plant(
        "sk-rtrl: what the last truncation leaves out is not counted",
        "test_sk_rtrl",
        "lost += norm(sigma[..., r:])",
        "lost += 0 * norm(sigma[..., r:])",
    ),
    plant(
        "sk-rtrl: what the first truncation leaves out is not counted",
        "test_sk_rtrl",
        "W[..., :c, :], norm(sigma[..., c:])",
        "W[..., :c, :], 0 * norm(sigma[..., c:])",
    ),
    plant(
        "sk-rtrl: the diagonal is taken on twice",
        "test_sk_rtrl",
        "off = A - a[..., None] * np.eye(n, dtype=A.dtype)",
        "off = A",
    ),
    plant(
        "sk-rtrl: what of the new lies along the old is lost",
        "test_sk_rtrl",
        "core = np.concatenate([A @ L + B @ along, B @ left], axis=-1)",
        "core = np.concatenate([A @ L, B @ left], axis=-1)",
    ),
    plant(
        "sparse-rtrl: a path too few",
        "test_properties:sixteenth",
        "place < np.ceil(share * shape[1])",
        "place < np.floor(share * shape[1])",
    ),
    plant(
        "sparse-rtrl: as many paths out of each unit, not into it",
        "test_properties:sparse test_properties:sixteenth",
        ".argsort(axis=1).argsort(axis=1)",
        ".argsort(axis=2).argsort(axis=2)",
    ),
    plant(
        "sparse-rtrl: nothing is dropped",
        "test_properties:sparse",
        "return params.R[i] * chosen(self.seed, i, params.R[i].shape, self.share, params.R[i].dtype)",
        "return params.R[i]",
    ),
    # Tbptt.
    plant(
        "tbptt: a step too few is carried",
        "test_properties:tbptt test_properties:sliding test_properties:lags",
        "before + steps - self.lags + 1), None)",
        "before + steps - self.lags + 2), None)",
    ),
    plant(
        "tbptt: f' of t for that of t - k",
        "test_properties:tbptt test_properties:sliding test_properties:lags",
        "felt[i] = back[i] * slope[i][:, acted]",
        "felt[i] = back[i] * slope[i][:, -(acted.stop - acted.start) :]",
    ),
    plant(
        "tbptt: a lag too many",
        "test_properties:tbptt test_properties:sliding test_properties:lags",
        "lags = min(self.lags, before + steps)",
        "lags = min(self.lags + 1, before + steps)",
    ),
    plant(
        "tbptt: no leak on the way back",
        "test_properties:tbptt test_properties:sliding test_properties:lags",
        "if k > 0 and network.leak:\n                    ways.append(network.leak * back[i]",
        "if k > 1 and network.leak:\n                    ways.append(network.leak * back[i]",
    ),
    # One network of all units.
    plant(
        "push: the layer below as it was",
        "test_joint test_properties:exact_for_every_parameter",
        "dz += times(moved[..., network.units[i - 1]]",
        "dz += times(rows[..., network.units[i - 1]]",
    ),
    plant(
        "inject: the top layer is not reached",
        "test_joint test_properties:exact_for_every_parameter",
        "for above in range(i + 1, network.depth + 1)",
        "for above in range(i + 1, network.depth)",
    ),
    plant(
        "pull: layers in the wrong order",
        "test_joint test_properties:exact_for_every_parameter",
        "for i in range(network.depth, 1, -1):\n        dz[..., at[i - 1]]",
        "for i in range(2, network.depth + 1):\n        dz[..., at[i - 1]]",
    ),
    plant(
        "kronecker: f' of the step before",
        "test_properties:kf-rtrl test_properties:optimal",
        "moved = push(network, params, slope[:, t], Y[i]",
        "moved = push(network, params, slope[:, t - 1], Y[i]",
    ),
    plant(
        "kronecker: the joint input of the next step",
        "test_properties:kf-rtrl test_properties:optimal",
        "[X[i], activity.u[i][:, t, :, None]]",
        "[X[i], activity.u[i][:, t + 1, :, None]]",
    ),
    plant(
        "kf-rtrl: one sign is left out",
        "test_properties:kf-rtrl test_properties:kronecker",
        "y = Y[:, :, 0] / rho_0 + sign * Y[:, :, 1] / rho_1",
        "y = Y[:, :, 0] / rho_0 + Y[:, :, 1] / rho_1",
    ),
    plant(
        "kf-rtrl: a scale turned over",
        "test_properties:kf-rtrl test_properties:kronecker",
        "rho_1 = balance(norm(Y[:, :, 1]), norm(X[:, :, 1]))",
        "rho_1 = balance(norm(X[:, :, 1]), norm(Y[:, :, 1]))",
    ),
    plant(
        "ok-rtrl: the mixed share for the rest",
        "test_properties:ok-rtrl test_properties:optimal test_properties:diagonal test_properties:orthonormal",
        "z = np.sqrt(np.clip(1 - share, 0, None))",
        "z = np.sqrt(np.clip(share, 0, None))",
    ),
    plant(
        "ok-rtrl: too few values are mixed",
        "test_properties:ok-rtrl test_properties:optimal test_properties:diagonal test_properties:orthonormal",
        "fits = terms * sigma <= left_over",
        "fits = terms * sigma >= left_over",
    ),
    plant(
        "ok-rtrl: rows made orthogonal once",
        "test_properties:ok-rtrl test_properties:optimal test_properties:diagonal test_properties:orthonormal",
        "for _ in range(2 if a else 0)",
        "for _ in range(1 if a else 0)",
    ),
    plant("uoro: rho for 1 / rho", "test_properties:uoro", "np.divide(1, rho_0, out=kept[:, t])", "kept[:, t] = rho_0"),
    plant(
        "uoro: the noise is scaled on one side alone",
        "test_properties:uoro",
        "        nu *= rho_1\n        dz /= rho_1\n",
        "        nu *= rho_1\n",
    ),
    plant(
        "uoro: the same noise in every window",
        "test_properties:uoro test_contract",
        "UoroCarry(activity.state(), s[:, -1].copy(), theta, carry.draws + steps)",
        "UoroCarry(activity.state(), s[:, -1].copy(), theta, carry.draws + 1)",
    ),
    plant(
        "forward-gradient: R transposed",
        "test_properties:forward-gradient",
        "dz[i][:, t] += before[..., at[i]] @ params.R[i]",
        "dz[i][:, t] += before[..., at[i]] @ params.R[i].swapaxes(1, 2)",
    ),
    plant(
        "forward-gradient: the readout's own direction is left out",
        "test_properties:forward-gradient",
        " + activity.top @ v.V[L + 1][:, None]",
        "",
    ),
    plant(
        "forward-gradient: the same direction for every batch",
        "test_properties:forward-gradient",
        "return self._drawn(params, batch, carry.draws)",
        "return self._drawn(params, batch, 0)",
    ),
    plant(
        "noise: the begin within a block is forgotten",
        "test_properties:signs test_properties:draw",
        "begin = draw - first * BLOCK",
        "begin = 0",
    ),
    plant(
        "noise: streams that run into each other",
        "test_properties:signs test_properties:draw",
        "counter=[0, 0, 0, stream]",
        "counter=[stream, 0, 0, 0]",
    ),
    plant(
        "noise: replicates share their signs",
        "test_properties:signs test_properties:draw",
        "found = np.subtract(1, 2 * bits.astype(np.int8), dtype=np.int8)",
        "found = np.subtract(1, 2 * bits[:1].repeat(replicates, 0).astype(np.int8), dtype=np.int8)",
    ),
    # Rules that learn.
    plant(
        "dni: the features' size never fades",
        "test_dni",
        "size = np.maximum(FORGET * size, sizes[:, t])",
        "size = np.maximum(size, sizes[:, t])",
    ),
    plant(
        "dni: the gradient of the state before",
        "test_dni",
        "g = features[:, t], features[:, t + 1] @ A",
        "g = features[:, t], features[:, t] @ A",
    ),
    plant("dni: learns from the mean over steps", "test_dni", "        dx *= counted * batch\n", "        dx *= batch\n"),
    plant("dni: what was due is not paid", "test_dni", "carry.due[i] + summed(", "summed("),
    plant("dni: predictions may grow on their way back", "test_dni", "where=size > most)", "where=size < most)"),
    plant(
        "kernl: dw from the new w",
        "test_kernl",
        "w, dw = decay * w + xi[:, t], decay * (dw - w)",
        "w = decay * w + xi[:, t]\n            dw = decay * (dw - w)",
    ),
    plant(
        "kernl: the size is summed over the batch",
        "test_kernl",
        "size = n + np.vecdot(w, w).sum(1) / batch",
        "size = n + np.vecdot(w, w).sum(1)",
    ),
    plant("kernl: beta transposed", "test_kernl", "= dx[:, t] @ beta.swapaxes(1, 2), decay", "= dx[:, t] @ beta, decay"),
    plant(
        "kernl: the kernel fades against the slope",
        "test_kernl",
        "np.maximum(gamma + self.gamma_rate * faster, 0)",
        "np.maximum(gamma - self.gamma_rate * faster, 0)",
    ),
    plant(
        "kernl: the same noise for every batch",
        "test_kernl",
        "._replace(kernels=carry.kernels, draws=carry.draws)",
        "._replace(kernels=carry.kernels)",
    ),
)

NETWORK = (
    plant("network: leaky units keep all of the new value", "test_network", "                    now *= 1 - self.leak\n", ""),
    plant(
        "network: every window starts at rest",
        "test_network test_contract",
        "u[:, 0, :, n:-1] = state[i]",
        "u[:, 0, :, n:-1] = self.at_rest",
    ),
    plant(
        "network: the state is a view of its window",
        "test_network",
        "{i: x[:, -1].copy() for i, x in self.x.items()}",
        "{i: x[:, -1] for i, x in self.x.items()}",
    ),
    plant(
        "network: f' of leaky units without their share",
        "test_exact",
        "return (1 - self.leak) * self.f.derivative(fresh)",
        "return self.f.derivative(fresh)",
    ),
    plant(
        "network: x^t for x^{t-1}",
        "test_contract test_properties:rflo test_properties:tbptt",
        "return activity.u[i][:, :-1, :, self.sizes[i - 1] : -1]",
        "return activity.u[i][:, 1:, :, self.sizes[i - 1] : -1]",
    ),
    plant(
        "network: R upside down",
        "test_network",
        "{i: self.V[i][:, n:-1] for i, n in",
        "{i: self.V[i][:, -1 - self.V[i].shape[2] : -1][:, ::-1] for i, n in",
    ),
    plant(
        "losses: 2 of the square is left out",
        "test_losses",
        "gradient = outputs - y\n        gradient *= 2 / outputs.shape[-1]",
        "gradient = outputs - y\n        gradient *= 1 / outputs.shape[-1]",
    ),
    plant(
        "losses: large logits overflow",
        "test_losses",
        "np.logaddexp(0, outputs) - outputs * y",
        "np.log1p(np.exp(outputs)) - outputs * y",
    ),
    plant("losses: f' of the logistic unit is left out", "test_losses", "        gradient *= p * (1 - p)\n", ""),
    plant(
        "losses: softmax of large logits",
        "test_losses",
        "p = np.exp(outputs - outputs.max(-1, keepdims=True))",
        "p = np.exp(outputs)",
    ),
    plant(
        "losses: a sum over outputs for the mean",
        "test_losses",
        "        if outputs.shape[-1] > 1:\n            gradient /= outputs.shape[-1]\n",
        "",
    ),
    plant(
        "activations: the steepest slope of tanh for the logistic",
        "test_dynamics test_losses",
        "lambda x: x * (1 - x), steepest=0.25)",
        "lambda x: x * (1 - x))",
    ),
    plant("activations: relu climbs at zero", "test_losses test_exact", "(x > 0).astype(x.dtype)", "(x >= 0).astype(x.dtype)"),
    plant(
        "activations: the logistic function loses its tails",
        "test_losses",
        "    return np.divide(1, x, out=x if out is None else out)",
        "    return np.add(0.5, 0.5 * np.tanh(0.5 * z), out=out)",
    ),
    plant("initializers: fan in alone", "test_initializers", "limit = np.sqrt(6 / sum(shape))", "limit = np.sqrt(6 / shape[0])"),
    plant("initializers: not uniform over orthogonal matrices", "test_initializers", "    q *= np.sign(np.diag(r))\n", ""),
    plant(
        "initializers: all replicates alike",
        "test_initializers",
        'stream(seed, "initial weights", replicate)',
        'stream(seed, "initial weights")',
    ),
    plant(
        "seeds: all purposes share a stream",
        "test_seeds test_initializers test_temporal_xor",
        "[seed, len(purpose), *purpose.encode(), len(numbers)",
        "[seed, len(numbers)",
    ),
    plant(
        "seeds: zeros at the end are lost",
        "test_seeds test_initializers test_temporal_xor test_schedule",
        "[seed, len(purpose), *purpose.encode(), len(numbers), *(number + 1 for number in numbers)]",
        "[seed, *purpose.encode(), *numbers]",
    ),
)

TRAINING = (
    plant(
        "schedule: counted steps are those of the sequence",
        "test_schedule",
        "within = counted[first:last] - begin",
        "within = counted[first:last]",
    ),
    plant(
        "schedule: examples without the batch",
        "test_schedule test_trainers",
        "len(self.task.kind.counted(self.time)) * self.recipe.batch",
        "len(self.task.kind.counted(self.time))",
        "len(self.task.counted(self.time)) * self.recipe.batch",
        "len(self.task.counted(self.time))",
        "counted = len(self.counted) * self.recipe.batch",
        "counted = len(self.counted)",
    ),
    plant(
        "schedule: a last batch that is not full",
        "test_schedule",
        "return round(self.recipe.passes * self.sequences) // self.recipe.batch",
        "return -(-round(self.recipe.passes * self.sequences) // self.recipe.batch)",
    ),
    plant(
        "schedule: all replicates in the order of the first",
        "test_schedule test_trainers",
        "yield order[:, batch * size : (batch + 1) * size]",
        "yield order[:1, batch * size : (batch + 1) * size].repeat(len(order), 0)",
    ),
    plant(
        "schedule: the weights at the start are not kept",
        "test_schedule",
        "return sorted({0, self.updates,",
        "return sorted({1, self.updates,",
    ),
    plant(
        "schedule: replicates share their order",
        "test_schedule",
        'stream(task.seed, "order", sequences, r)',
        'stream(task.seed, "order", sequences)',
    ),
    plant("schedule: half a pass is not drawn", "test_schedule", "int(np.ceil(recipe.passes)))", "int(recipe.passes))"),
    plant(
        "schedule: a pass of cut sequences counts whole ones",
        "test_schedule test_trainers",
        "return whole * self.task.time // self.time",
        "return whole",
        "return self.task.kind.sequences * self.task.time // self.time",
        "return self.task.kind.sequences",
    ),
    plant(
        "adam: epsilon inside of the root",
        "test_optimizers",
        "change /= np.sqrt(v) + self.epsilon",
        "change /= np.sqrt(v + self.epsilon)",
    ),
    plant(
        "adam: the updates are not counted",
        "test_optimizers",
        "return change, AdamState(m, v, state.updates + 1)",
        "return change, AdamState(m, v, state.updates)",
    ),
    plant(
        "adam: the rate as given",
        "test_optimizers",
        "eta, b1, b2 = (as_keras_stores(value, dtype) for",
        "eta, b1, b2 = (np.asarray(value, dtype) for",
    ),
    plant(
        "sgd: momentum of the change itself",
        "test_optimizers",
        "change += as_keras_stores(self.momentum, gradient.dtype) * state",
        "change += as_keras_stores(self.momentum, gradient.dtype) * change",
    ),
    plant(
        "rates: the replicates that are reported",
        "test_rates",
        "np.arange(task.replicates, task.drawn)",
        "np.arange(task.drawn - task.replicates)",
    ),
    plant("rates: the worst is chosen", "test_rates", "np.argmax(middle) if metric", "np.argmin(middle) if metric"),
    plant(
        "rates: a diverged replicate is left out",
        "test_rates",
        "interquartile_mean(complete(own.to_numpy(), metric.worst))",
        "interquartile_mean(own.dropna().to_numpy())",
    ),
    plant(
        "rates: Keras trains all at the first",
        "test_rates",
        "as_keras_stores(rate, np.dtype(np.float32))",
        "as_keras_stores(rates[0], np.dtype(np.float32))",
    ),
    plant(
        "rates: in another order than the replicates",
        "test_rates",
        "np.tile(numbers, len(grid.rates))",
        "np.repeat(numbers, len(grid.rates))",
    ),
    plant(
        "trainer: what was learnt is lost at every batch",
        "test_trainers",
        "self.rule.reset(self.params, self.batch, carry), state",
        "self.rule.init(self.params, self.batch), state",
    ),
    plant("trainer: sequences are not reset", "test_trainers", "            learner.begin()\n            for", "            for"),
    plant(
        "trainer: an update after every window",
        "test_trainers",
        "if self.method and y.shape[1]:",
        "if self.method:",
    ),
    plant(
        "trainer: kept weights are the last ones",
        "test_trainers",
        "                    vectors.append(params.vector.copy())\n",
        "                    vectors.append(params.vector)\n",
    ),
    plant(
        "trainer: a network that lacks weights starts with them",
        "test_trainers",
        "    rule.prepare(params)\n    method",
        "    method",
    ),
    plant(
        "trainer: the first batch of a run is trained on twice",
        "test_trainers",
        "        rule.step(params, first, rule.init(params, recipe.batch))\n",
        "        Learner(rule, params, recipe.batch, method).see(first)\n",
    ),
    plant(
        "backward: the recursion of R sees the present step alone",
        "test_exact",
        "summed(network.before(activity, i)[:, : dz.shape[1]], dz, out=gradient.R[i])",
        "summed(at(window.counted, network.before(activity, i)), present * slope, out=gradient.R[i])",
    ),
    plant(
        "backward: W sees the past",
        "test_exact",
        "present * slope, out=gradient.V[i])\n            dz = through_layer(network, params, activity, i, present, counted)\n",
        "present * slope, out=gradient.V[i])\n            dz = through_layer(network, params, activity, i, present, counted)\n"
        "            summed(activity.u[i][:, : dz.shape[1]], dz, out=gradient.V[i])\n",
    ),
    plant(
        "blocks: columns of sensitivities in the order of the blocks",
        "test_base",
        "return P.reshape(*P.shape[:-1], cut, -1).swapaxes(-2, -3)",
        "return P.reshape(*P.shape[:-2], cut, P.shape[-2], -1)",
    ),
    plant("blocks: the last one is left out of a sum", "test_base", "dz).sum(1, out=out)", "dz)[:, :-1].sum(1, out=out)"),
    plant("backward: trained with, and never held against the rule", "test_backward", "if not error <= ROUNDING:", "if False:"),
    plant(
        "recording: what was taken down of another shape is repeated",
        "test_recording",
        "shapes = self.last, (kind, *((array.shape, array.dtype) for array in given))",
        "shapes = self.last, (kind,)",
    ),
    plant(
        "recording: memory is written to while it is still read",
        "test_recording",
        "return Recorded(array, self, Memory(array, self.free))",
        "self.free.append(array)\n        return Recorded(array, self)",
    ),
    plant(
        "recording: what cannot change places is not copied",
        "test_recording",
        "two.copies = [partial(np.copyto, two.carries[k], ends[k]) for k in copied]",
        "two.copies = []",
    ),
    plant("recording: zeros are written once", "test_recording", "if function is not np.empty_like:", "if False:"),
    plant(
        "recording: a rule of one's own is recorded unasked",
        "test_recording",
        'return type(self).__module__.startswith(f"{__package__}.")',
        "return True",
    ),
    plant(
        "keras twin: all replicates have the weights of the first",
        "test_trainers",
        'if name[0] == "b" else block[replicate]',
        'if name[0] == "b" else block[0]',
    ),
    plant(
        "keras twin: no logistic function before the loss", "test_losses", "keras.ops.sigmoid(y_pred) - y_true", "y_pred - y_true"
    ),
    plant(
        "keras twin: hyperparameters in double precision",
        "test_optimizers",
        "return np.float32(hyperparameter).astype(dtype)",
        "return np.asarray(hyperparameter, dtype)",
    ),
    plant(
        "keras: the optimizer's state of the replicate before",
        "test_trainers",
        "fresh, strict=True):\n            variable.assign(value)\n",
        "fresh, strict=True):\n            pass\n",
    ),
    plant(
        "keras: shuffled",
        "test_trainers",
        "        shuffle=False,\n        verbose=0,\n        callbacks",
        "        shuffle=True,\n        verbose=0,\n        callbacks",
        "            shuffle=False,\n            verbose=0,\n            callbacks",
        "            shuffle=True,\n            verbose=0,\n            callbacks",
    ),
    plant(
        "keras: an update too early",
        "test_trainers",
        "updates = min(self.first + batch + 1, self.last)",
        "updates = min(self.first + batch, self.last)",
    ),
    plant(
        "evaluation: predictions that are not finite pass",
        "test_trainers",
        "np.isfinite(vector).all(-1) & np.isfinite(prediction).all((1, 2, 3))",
        "np.isfinite(vector).all(-1)",
        "np.isfinite(vector).all(-1) & np.isfinite(prediction).all(tuple(range(1, prediction.ndim)))",
        "np.isfinite(vector).all(-1)",
    ),
    plant(
        "run: test data are looked at at the start",
        "test_run test_trainers",
        "updates == trajectory.updates[-1] else",
        "updates == trajectory.updates[0] else",
    ),
    plant(
        "run: test metrics of validation data",
        "test_run test_trainers",
        "evaluate(network, vector, prepared.splits[split], ",
        'evaluate(network, vector, prepared.splits["validation"], ',
    ),
    plant(
        "run: the last update of a divergence for the first",
        "test_trainers test_run",
        'isna()].groupby("replicate")["updates"].min()',
        'isna()].groupby("replicate")["updates"].max()',
    ),
    plant(
        "run: the order is not compared",
        "test_run",
        'for part in PARTS:\n            if provenance["hashes"]',
        'for part in PARTS[:2]:\n            if provenance["hashes"]',
    ),
    plant(
        "run: a replicate that is there twice for another",
        "test_run",
        '(counts["nunique"] != replicates) | (counts["size"] != replicates)',
        '(counts["size"] != replicates)',
    ),
    plant(
        "run: examples of all windows",
        "test_trainers test_schedule",
        "return round(updates * counted / self.updates_per_batch)",
        "return round(updates * counted)",
    ),
    plant(
        "prepared: hashes of the names of files",
        "test_trainers test_run",
        "hashlib.sha256(Path(self.paths[part]).read_bytes())",
        "hashlib.sha256(str(self.paths[part]).encode())",
    ),
    plant(
        "prepared: every recipe starts from the task's weights",
        "test_trainers",
        "scheme = recipe.initial if recipe is not None and recipe.initial else self.task.initial",
        "scheme = self.task.initial",
    ),
)

TASKS = (
    plant(
        "xor: or for exclusive or",
        "test_temporal_xor",
        "np.stack([first, second, first ^ second]",
        "np.stack([first, second, first | second]",
    ),
    plant(
        "xor: the bit that is seen for the next one", "test_temporal_xor", "bits[:, 1:, None, None]", "bits[:, :-1, None, None]"
    ),
    plant(
        "xor: positions are those of the inputs",
        "test_temporal_xor",
        "position = np.arange(1, prediction.shape[1] + 1) % 3",
        "position = np.arange(prediction.shape[1]) % 3",
    ),
    plant("xor: all splits alike", "test_temporal_xor", 'stream(seed, "bits", number, r)', 'stream(seed, "bits", r)'),
    plant(
        "xor: the last prediction is a coin's", "test_temporal_xor test_diagnostics", "time - (time - 2) % 3", "time - time % 3"
    ),
    plant(
        "mnist: validation images are trained on",
        "test_mnist",
        "rest = np.setdiff1d(np.arange(len(labels)), for_validation)",
        "rest = np.arange(len(labels))",
    ),
    plant(
        "mnist: pixels rounded down",
        "test_pixels test_mnist",
        "np.rint(blocks).astype(images.dtype)",
        "np.floor(blocks).astype(images.dtype)",
    ),
    plant(
        "mnist: test images from the training file",
        "test_mnist",
        '("test", test_images, test_labels, for_test)',
        '("test", images, labels, for_test)',
    ),
    plant("mnist: not stratified", "test_mnist", "np.lexsort((rng.random(len(labels)), labels))", "rng.permutation(len(labels))"),
    plant(
        "mnist: the logarithm of what may be zero", "test_mnist", "-np.log(np.maximum(probability, 1e-7))", "-np.log(probability)"
    ),
    plant(
        "tasks: all replicates see the data of the first",
        "test_trainers test_schedule",
        "sequences[0, chosen] if a.shape[0] == 1 else sequences[np.arange(len(chosen))[:, None], chosen]",
        "sequences[0, chosen]",
    ),
    plant(
        "tasks: sequences are cut across",
        "test_schedule test_trainers",
        "time // length, length, sequences, *rest",
        "length, time // length, sequences, *rest",
    ),
    plant(
        "tasks: a target is met from either side",
        "test_base test_comparisons test_mnist",
        "return values >= target if self.higher_is_better else values <= target",
        "return values <= target",
    ),
    plant("tasks: inputs are not scaled", "test_mnist test_pixels", "x.astype(dtype) * scale", "x.astype(dtype)"),
    plant("mnist files: nothing is verified", "test_mnist_files", "        if found != expected:\n", "        if not found:\n"),
    plant("mnist files: pixels of 255", "test_mnist_files", "np.rint(256 * pixels)", "np.rint(255 * pixels)"),
    plant(
        "mnist files: little endian",
        "test_mnist_files",
        'return struct.pack(f">{1 + values.ndim}I"',
        'return struct.pack(f"<{1 + values.ndim}I"',
    ),
    plant(
        "mnist files: bytes beyond the end",
        "test_mnist_files",
        "if values.size != np.prod(shape)",
        "if values.size < np.prod(shape)",
    ),
    plant(
        "mnist files: a damaged archive stops it all",
        "test_mnist_files",
        "        except Exception as error:\n            reason",
        "        except MnistError as error:\n            reason",
    ),
    plant(
        "mnist files: an archive of any hash",
        "test_mnist_files",
        "    if hashlib.sha256(content).hexdigest() != sha256:\n",
        "    if not content:\n",
    ),
)

STATISTICS = (
    plant(
        "statistics: a fifth is left out for a quarter",
        "test_statistics",
        "cut = ordered.shape[-1] // 4",
        "cut = ordered.shape[-1] // 5",
    ),
    plant(
        "statistics: diverged replicates vanish",
        "test_statistics",
        "    values = complete(values, worst)\n    middle",
        "    middle",
    ),
    plant(
        "statistics: equal replicates count for nothing",
        "test_statistics",
        "0.5 + 0.5 * np.sign(x[..., :, None] - y[..., None, :]).mean((-2, -1))",
        "(x[..., :, None] > y[..., None, :]).mean((-2, -1))",
    ),
    plant(
        "statistics: replicates are pooled over tasks",
        "test_statistics",
        "np.mean([interquartile_mean(sample, axis) for sample in samples], axis=0)",
        "interquartile_mean(np.concatenate(samples, axis), axis)",
    ),
    plant(
        "statistics: a tail where there are two",
        "test_statistics",
        "confidence_level=confidence,",
        "confidence_level=2 * confidence - 1,",
    ),
    plant(
        "statistics: points are resampled for replicates",
        "test_statistics",
        "_interval((values,), interquartile_mean, 0,",
        "_interval((values,), interquartile_mean, -1,",
    ),
    plant("paired: one-sided", "test_paired", "described.ttest_mean(0)[1]", 'described.ttest_mean(0, "larger")[1]'),
    plant(
        "paired: the interval of a difference at the wrong level",
        "test_paired",
        "described.tconfint_mean(1 - confidence)",
        "described.tconfint_mean((1 - confidence) / 2)",
    ),
    plant(
        "paired: a test of samples that are no pairs",
        "test_paired",
        "ttost_paired(values, reference, -margin, margin)",
        '__import__("statsmodels.stats.api", fromlist=["api"]).ttost_ind(values, reference, -margin, margin)',
    ),
    plant(
        "paired: the interval of the wrong level",
        "test_paired",
        "difference(values, reference, 1 - 2 * alpha)",
        "difference(values, reference, confidence)",
    ),
    plant(
        "paired: any difference is a difference beyond the margin",
        "test_paired",
        "low > margin or high < -margin",
        "low > 0 or high < 0",
    ),
    plant(
        "holm: Bonferroni",
        "test_paired",
        'multipletests(p[known], method="holm")',
        'multipletests(p[known], method="bonferroni")',
        "np.maximum.accumulate(p[ascending] * np.arange(len(known), 0, -1))",
        "p[ascending] * len(known)",
    ),
    plant(
        "holm: what was not tested counts",
        "test_paired",
        'multipletests(p[known], method="holm")[1]',
        'multipletests(np.where(known, p, 1), method="holm")[1][known]',
        "np.arange(len(known), 0, -1)",
        "np.arange(len(p), len(p) - len(known), -1)",
    ),
    plant(
        "comparisons: more is always better",
        "test_comparisons",
        "        sign = 1 if metric.higher_is_better else -1\n",
        "        sign = 1\n",
    ),
    plant(
        "comparisons: a fall is never better",
        "test_comparisons",
        'return "better" if (found.mean > 0) == metric.higher_is_better else "worse"',
        'return "better" if found.mean > 0 else "worse"',
        "(found.mean > 0) == metric.higher_is_better",
        "found.mean > 0",
    ),
    plant(
        "comparisons: no correction",
        "test_comparisons",
        "corrected = holm(np.array([f.p for f in found]))",
        "corrected = np.array([f.p for f in found])",
    ),
    plant(
        "ladder: a step the wrong way round",
        "test_comparisons",
        "at_end = [(variants[pair[1]], variants[pair[0]])",
        "at_end = [(variants[pair[0]], variants[pair[1]])",
    ),
    plant(
        "claims: the share of what is missing",
        "test_claims",
        "return np.asarray((own - low) / (high - low))",
        "return np.asarray((high - own) / (high - low))",
    ),
    plant("claims: each side is resampled on its own", "test_claims", "resamples, seed, paired=True)", "resamples, seed)"),
    plant(
        "claims: a task without a margin is tested",
        "test_claims",
        "if task not in margins or not set(named) <= set(ended):",
        "if not set(named) <= set(ended):",
    ),
    plant("ladder: at equal updates, the end of both", "test_comparisons", "np.abs(self.updates - updates).argmin()", "-1"),
    plant("checks: unequal data are fine", "test_checks", "own.max() > MUCH * own.min()", "own.max() > 2 * own.min()"),
    plant("checks: a rate at the edge is fine", "test_checks", 'own in best[best["edge"] == 1]', 'own in best[best["edge"] > 1]'),
    plant(
        "answer: ranges that meet are a verdict",
        "test_answer",
        'tell (on {task})" if meet else',
        'tell (on {task})" if False else',
    ),
    plant("power: of half of the replicates", "test_paired", "nobs=count", "nobs=count // 2"),
    plant("power: equivalence at half of the margin", "test_paired", "margin / spread, count", "0.5 * margin / spread, count"),
    plant(
        "ladder: no correction",
        "test_comparisons",
        'table["p_holm"] = holm(table["p"].to_numpy())',
        'table["p_holm"] = table["p"].to_numpy()',
    ),
    plant(
        "comparisons: the target is met on test data",
        "test_comparisons",
        'validation = run.curves[(run.curves["split"] == "validation") &',
        'validation = run.curves[(run.curves["split"] == "test") &',
    ),
    plant(
        "comparisons: never meets the target, and yet at the first update",
        "test_comparisons",
        "np.where(met.any(1), values.columns.to_numpy()[met.argmax(1)], np.inf)",
        "values.columns.to_numpy()[met.argmax(1)].astype(float)",
    ),
    plant(
        "comparisons: the seconds of all replicates",
        "test_comparisons",
        'np.median(_at(seconds, first)) / run.provenance["replicates"]',
        "np.median(_at(seconds, first))",
    ),
    plant(
        "comparisons: a score of 1 is chance",
        "test_comparisons",
        "return (values - self.chance) / (self.metrics[0].best - self.chance)",
        "return (values - self.metrics[0].best) / (self.chance - self.metrics[0].best)",
    ),
    plant(
        "comparisons: diverged replicates vanish",
        "test_comparisons",
        "[variant] = complete(values, metric.worst)",
        "[variant] = values",
    ),
    plant(
        "online: the last quarter for the later three",
        "test_online test_rules",
        'beside["updates"].max() / 4',
        'beside["updates"].max() * 3 / 4',
    ),
    plant(
        "online: less error, less good",
        "test_online test_rules",
        'of["iqm"].to_numpy() * (1 if metric.higher_is_better else -1)',
        'of["iqm"].to_numpy()',
    ),
    plant(
        "online: pairs are torn apart in resamples",
        "test_online test_rules",
        "x, y = (values[chosen] for values in pairs)",
        "x, y = pairs[0][chosen], rng.permutation(pairs[1][chosen])",
    ),
    plant(
        "online: the smallest size for the nearest",
        "test_online test_rules",
        '(own["hidden"] - units).abs().argmin()',
        '(own["hidden"] - units).argmin()',
    ),
    plant(
        "online: the error of one for that of the mean",
        "test_online test_rules",
        "bias.std() / np.sqrt(max(1, len(bias)))",
        "bias.std()",
    ),
    plant(
        "tables: a sixteenth for a quarter",
        "test_summaries test_comparisons test_checks test_online",
        "grouped.quantile(0.25)",
        "grouped.quantile(0.0625)",
    ),
    plant(
        "tables: curves of test data",
        "test_summaries test_comparisons test_report:says test_report:reached test_report:numbers test_report:diverged",
        'validation = run.curves[run.curves["split"] == "validation"]\n        for',
        'validation = run.curves[run.curves["split"] == "test"]\n        for',
    ),
    plant(
        "tables: a replicate's update takes as long as all",
        "test_summaries test_comparisons test_report:says test_report:reached test_report:numbers test_report:diverged",
        '/ max(1, p["updates"]) / p["replicates"]',
        '/ max(1, p["updates"])',
    ),
    plant(
        "tables: who diverged at once is not counted",
        "test_summaries test_comparisons test_report:says test_report:diverged test_checks",
        'sum(at is not None for at in run.provenance["diverged"])',
        'sum(bool(at) for at in run.provenance["diverged"])',
    ),
    plant(
        "tables: who is solved on average",
        "test_summaries test_comparisons test_report:says test_report:reached test_report:numbers test_report:diverged",
        "metric.meets(values, targets[task]).sum()",
        "metric.meets(summary.iqm, targets[task]) * len(values)",
    ),
    plant(
        "tables: an oracle's NaN passes",
        "test_checks test_report:says test_report:reached test_report:numbers test_report:diverged",
        '["relative_error"].max(skipna=False)',
        '["relative_error"].max()',
    ),
    plant(
        "tables: lockstep in single precision",
        "test_checks test_report:says test_report:reached test_report:numbers test_report:diverged",
        'self.lockstep["dtype"] == "float64"',
        'self.lockstep["dtype"] == "float32"',
    ),
    plant(
        "tables: times of all replicates",
        "test_summaries test_comparisons test_report:says test_report:reached test_report:numbers test_report:diverged",
        'np.array(p["timing"]["seconds"]) / p["replicates"]',
        'np.array(p["timing"]["seconds"])',
    ),
)

REPORT = (
    plant(
        "answer: right in part is right",
        "test_answer",
        '"Yes" if right.all() else "In part" if right.any() else "No"',
        '"Yes" if right.any() else "No"',
    ),
    plant(
        "answer: the worst for the best",
        "test_answer",
        'rows.sort_values("iqm", ascending=not metric.higher_is_better)\n    question',
        'rows.sort_values("iqm", ascending=metric.higher_is_better)\n    question',
    ),
    plant(
        "answer: half of the replicates are most",
        "test_answer",
        'rows["solved"] * 2 > rows["replicates"]',
        'rows["solved"] * 2 >= rows["replicates"]',
    ),
    plant("answer: a drift that is not a number matches", "test_answer", "if not drift <= EXACT or", "if drift > EXACT or"),
    plant(
        "answer: the ratio turned over",
        "test_answer",
        'f"{number(theirs / ours)} times as long (on {task})"',
        'f"{number(ours / theirs)} times as long (on {task})"',
    ),
    plant("answer: a rung is no step", "test_answer", "of {len(first) - 1} steps help", "of {len(first)} steps help"),
    plant(
        "answer: a correlation without its interval",
        "test_answer test_online test_rules",
        '    if row["low"] > 0:\n        return "alignment predicts it"',
        '    if row["rho"] > 0:\n        return "alignment predicts it"',
    ),
    plant(
        "answer: Keras at its slowest",
        "test_answer",
        "theirs, how = keras.min(),",
        "theirs, how = keras.max(),",
    ),
    plant(
        "summary: a network without memory that does worse counts against the posted one",
        "test_summary",
        'word = {Change.WORSE: "Yes", Change.BETTER: "No, it does worse", Change.SAME: "No"}',
        'word = {Change.BETTER: "Yes", Change.WORSE: "No, it does worse", Change.SAME: "No"}',
    ),
    plant(
        "summary: what closes less of the gap is told",
        "test_summary",
        "word = max(closed, key=lambda name: closed[name])",
        "word = min(closed, key=lambda name: closed[name])",
    ),
    plant(
        "summary: the posted gradient nearest to its own recipe is told",
        "test_summary",
        "last = climbed[-1] if climbed else None",
        "last = climbed[0] if climbed else None",
    ),
    plant(
        "summary: only the recurrence is missing whatever is wrong",
        "test_summary",
        'if set(wrong["slip"]) == {RECURRENCE} and kinds',
        "if kinds",
    ),
    plant(
        "summary: rates above the chosen one count as too small",
        "test_summary",
        "low = [rate for rate in floor if rate < rates",
        "low = [rate for rate in floor if rate != rates",
    ),
    plant(
        "records: a file's hash is not looked at",
        "test_record",
        'return "" if record["sha256"] == found else',
        'return "" if record else',
    ),
    plant(
        "records: what a file was made from is not looked at",
        "test_record",
        "if recorded(source) and (why := self.unfit(source)):",
        "if not recorded(source) and (why := self.unfit(source)):",
    ),
    plant(
        "records: the code of a training is not compared",
        "test_record",
        "    elif then != now:",
        '    elif then != now and key != "code":',
    ),
    plant(
        "trial: a verdict that was not printed is one",
        "test_apart:no_one",
        'return "standard output is closed"',
        'return ""',
    ),
    plant(
        "config: infinity is a number like others",
        "test_workflow:mistake_in_the_config",
        "elif isinstance(value, float) and not math.isfinite(value):",
        "elif isinstance(value, float) and math.isnan(value):",
    ),
    plant(
        "charts: the baseline is subtracted from itself",
        "test_browser:baseline",
        "${number(value - base)}",
        "${number(base - base)}",
    ),
    plant(
        "charts: everyone is compared at the end, whatever the budget",
        "test_browser:baseline",
        "const rows = read(there(), to)",
        "const rows = read(there(), places.length - 1)",
    ),
    plant(
        "charts: the handle does not follow the axis",
        "test_browser:handle",
        'slider.value = view.scale("x")(places[chosen()])',
        "slider.value = (slider.max * chosen()) / places.length",
    ),
    plant(
        "page: a small number has no exponent",
        "test_browser:number",
        "if (size >= 1e-3 || size === 0)",
        "if (size >= 1e-9 || size === 0)",
    ),
    plant(
        "explorer: low and high change places",
        "test_explorer",
        '_small(of[name]) for name in ("value", "low", "high")',
        '_small(of[{"low": "high", "high": "low"}.get(name, name)]) for name in ("value", "low", "high")',
    ),
    plant(
        "look: a dash for NumPy",
        "test_report:dash",
        'return () if self.libraries.get(variant, "numpy") == "numpy" else DASHED',
        'return DASHED if self.libraries.get(variant, "numpy") == "numpy" else ()',
    ),
    plant(
        "answer: open is equivalent",
        "test_answer",
        'elif len(whole) and (whole["verdict"] == "equivalent").all()',
        'elif len(whole) and (whole["verdict"] != "different").all()',
        'elif len(whole) and (whole["verdict"] == Closeness.EQUIVALENT).all()',
        'elif len(whole) and (whole["verdict"] != Closeness.DIFFERENT).all()',
    ),
    plant(
        "numbers: a thousand as a power of ten",
        "test_report:says test_report:reached test_report:numbers test_report:diverged test_answer",
        "if abs(value) >= 999.5:",
        "if abs(value) > 1000:",
    ),
    plant(
        "numbers: zero as a power of ten",
        "test_report:says test_report:reached test_report:numbers test_report:diverged test_answer",
        "if abs(value) >= 1e-3 or value == 0 else",
        "if abs(value) >= 1e-3 else",
    ),
    plant(
        "numbers: two digits",
        "test_report:says test_report:reached test_report:numbers test_report:diverged test_answer",
        'return f"{value:.3g}" if abs(value) >= 1e-3',
        'return f"{value:.2g}" if abs(value) >= 1e-3',
    ),
    plant(
        "report: a job of one replicate",
        "test_report:says test_report:reached test_report:numbers test_report:diverged",
        'own["seconds"] * own["replicates"] + startup',
        'own["seconds"] + startup',
    ),
    plant(
        "report: variants with fewer updates have no end",
        "test_report:own_last test_gradient_statistics",
        'own.groupby("variant")["updates"].transform("max")',
        'own["updates"].max()',
    ),
    plant(
        "report: milliseconds for microseconds",
        "test_report:microseconds test_report:says test_report:reached test_report:numbers test_report:diverged",
        '1e6 * own["seconds"]',
        '1e3 * own["seconds"]',
    ),
    plant(
        "report: a share of the wrong whole",
        "test_report:microseconds test_report:says test_report:reached test_report:numbers test_report:diverged",
        "s / n) if pd.notna(s)",
        "s) if pd.notna(s)",
    ),
    plant(
        "checks: a drift that is not a number is fine",
        "test_checks",
        '"fine" if drift <= EXACT else "problem", f"NumPy',
        '"problem" if drift > EXACT else "fine", f"NumPy',
        "yield Check(Severity.FINE if drift <= EXACT else Severity.PROBLEM",
        "yield Check(Severity.PROBLEM if drift > EXACT else Severity.FINE",
        'Severity.FINE if drift <= EXACT else Severity.PROBLEM, f"NumPy',
        'Severity.PROBLEM if drift > EXACT else Severity.FINE, f"NumPy',
    ),
    plant(
        "checks: the first environment is compared with itself",
        "test_checks",
        "any(kind.get(key) != kinds[0][key] for kind in kinds)",
        "any(kind.get(key) != kind[key] for kind in kinds)",
    ),
    plant("checks: changed files are not told", "test_checks", 'elif commit.endswith("+"):', 'elif commit.startswith("+"):'),
)

TRIAL = (
    plant("trial: exact up to 1e-6", "test_verdict test_diagnostics test_trial", "EXACT = 1e-10", "EXACT = 1e-6"),
    plant(
        "exactness: the mean over replicates for the worst",
        "test_exact:worst",
        "{name: float(distance.error.max()) for",
        "{name: float(distance.error.mean()) for",
    ),
    plant(
        "exactness: a gradient where there is none is right",
        "test_diagnostics test_trial",
        "out=np.zeros_like(scale), where=difference != 0)",
        "out=np.zeros_like(scale), where=true_size != 0)",
    ),
    plant(
        "exactness: relative to the wrong gradient",
        "test_diagnostics test_trial test_verdict",
        "np.maximum(true_size, floor)",
        "np.maximum(size, floor)",
    ),
    plant(
        "noise: the error of one draw for that of the mean",
        "test_classes",
        "looked_at.std(0, ddof=1) / np.sqrt(len(draws))",
        "looked_at.std(0, ddof=1)",
    ),
    plant(
        "noise: no correction for the number of components",
        "test_verdict:chance",
        "inv_cdf(LEVEL / 2 / len(z) / NETWORKS)",
        "inv_cdf(LEVEL / 2)",
    ),
    plant(
        "noise: the variance about the exact gradient",
        "test_classes test_verdict",
        "np.square(draws - centre).sum(1)",
        "np.square(draws - truth).sum(1)",
    ),
    plant(
        "noise: the variance relative to the block",
        "test_classes test_verdict",
        ".sum(1).mean() / whole)",
        ".sum(1).mean() / size**2)",
    ),
    plant(
        "contract: the carry is not copied",
        "test_verdict",
        "kept = guarded(case, lambda: copy.deepcopy(first.carry))",
        "kept = first.carry",
    ),
    plant(
        "contract: the carry is not handed on",
        "test_verdict",
        "        now = guarded(case, partial(one.step, params, part, carry))\n        carry = now.carry\n",
        "        now = guarded(case, partial(one.step, params, part, carry))\n",
    ),
    plant(
        "contract: changed targets are overlooked",
        "test_verdict",
        "if not all(map(np.array_equal, (params.vector, window.x, window.y), given))",
        "if not all(map(np.array_equal, (params.vector, window.x), given))",
    ),
    plant(
        "contract: what is not reset is overlooked",
        "test_verdict",
        "and not close(fresh[name], used[name])",
        "and not close(used[name], used[name])",
    ),
    plant("paths: the mixed ones hold those above", "test_verdict", '"mixed": total - own - above', '"mixed": total - own'),
    plant(
        "paths: a small error fits any weights",
        "test_verdict test_classes",
        "return Weights(told, residual <= 1e-3 * error)",
        "return Weights(told, residual <= 1e-3 * float(np.linalg.norm(target)))",
    ),
    plant(
        "paths: a lag too late",
        "test_verdict",
        "            for lag in range(steps):\n                if lag < FIRST_LAG[route]",
        "            for lag in range(1, steps):\n                if lag < FIRST_LAG[route]",
    ),
    plant(
        "slips: the step after is that before",
        "test_verdict",
        "np.concatenate([x[:, 1:], x[:, -1:]], axis=1)",
        "np.concatenate([x[:, :1], x[:, :-1]], axis=1)",
    ),
    plant(
        "slips: f' is left out of the present",
        "test_verdict",
        "direct = (direct * flow.passing) @ down",
        "direct = direct @ down",
    ),
    plant(
        "slips: what comes back is never added",
        "test_wild",
        "from_next = from_next + came if added else came",
        "from_next = came",
    ),
    plant(
        "slips: the loop goes one way", "test_wild", "for t in steps if forward else reversed(steps)", "for t in reversed(steps)"
    ),
    plant("slips: what was overwritten counts as not", "test_wild", "np.tril(back, -1)[:, None]", "np.tril(back, -2)[:, None]"),
    plant("slips: f' of the unit reached", "test_wild", "flow.passing[:, t, :, :, None]", "flow.passing[:, t, :, None, :]"),
    plant(
        "conventions: several sequences are one",
        "test_conventions",
        "share = [(x, y)], 1.0 if found.batch",
        "share = [(x, y)], 1.5 if found.batch",
    ),
    plant("conventions: a readout that is not there", "test_conventions", "] = np.eye(blocks", "] = 2 * np.eye(blocks"),
    plant("conventions: a mask of ones", "test_conventions", "mask = np.zeros(len(x))", "mask = np.ones(len(x))"),
    plant(
        "conventions: a mean over all steps",
        "test_conventions",
        "share = steps / of if of and self.over_all else 1.0",
        "share = 1.0",
    ),
    plant(
        "slips: nothing is blurred by rounding",
        "test_verdict",
        "return all(error <= near for",
        "return True or all(error <= near for",
    ),
    plant(
        "diagnosis: where it is not finite",
        "test_verdict",
        "if words and words != laws.NOT_FINITE else where",
        "if words else where",
    ),
    plant(
        "diagnosis: alike is not preferred",
        "test_wild",
        "not any(words.startswith(slip.words)",
        "any(words.startswith(slip.words)",
    ),
    plant(
        "slips: delta of the wrong sum",
        "test_verdict",
        'np.einsum("rtbj,rtbn->rj", u, dz)[..., None]',
        'np.einsum("rtbj,rtbn->rj", u, dz * dz)[..., None]',
    ),
    plant(
        "diagnosis: exact for a step too many",
        "test_verdict",
        "exact for sequences of up to {shortest - 1} steps",
        "exact for sequences of up to {shortest} steps",
    ),
    plant(
        "diagnosis: the batch for its inverse",
        "test_verdict",
        '"divided by the batch size once more than the loss is": lambda case: 1 / case.batch,',
        '"divided by the batch size once more than the loss is": lambda case: case.batch,',
    ),
    plant(
        "diagnosis: a factor of either sign",
        "test_verdict",
        "if np.allclose(ratios, [sign * law(case) for case in of], rtol=1e-9, atol=0)",
        "if np.allclose(np.abs(ratios), [law(case) for case in of], rtol=1e-9, atol=0)",
    ),
    plant("verdict: a breach is exact", "test_verdict", "is_exact = not breached and all(", "is_exact = all("),
    plant(
        "verdict: exact in one layer though right in two",
        "test_verdict test_classes",
        "on_top == [True] and not any(below)",
        "on_top == [True]",
    ),
    plant(
        "verdict: the best error for the worst",
        "test_verdict test_classes",
        "            float(error.max()),\n            float(np.median(error)),",
        "            float(error.min()),\n            float(np.median(error)),",
    ),
    plant(
        "cases: all layers of one size",
        "test_verdict test_trial",
        "tuple((rng.permutation(max(3, depth))[:depth] + 2).tolist())",
        "(int(rng.integers(2, 5)),) * depth",
    ),
    plant(
        "cases: the loss at the first step for the last",
        "test_verdict",
        "else slice(steps - 1, steps)\n    x = rng.normal",
        "else slice(0, 1)\n    x = rng.normal",
    ),
    plant(
        "cases: every activation with a loss of its own",
        "test_verdict",
        "losses[number // len(activations) % len(losses)]",
        "losses[number % len(activations)]",
    ),
    plant(
        "words: exact without a word on the contract",
        "test_verdict",
        'return "is unbiased, but noisy" if verdict.noisy and not verdict.breaches else "breaks the contract"',
        'return "is unbiased, but noisy" if verdict.noisy else "breaks the contract"',
    ),
)

PROBES = (
    plant("alignment: the ratio turned over", "test_alignment", "norms / norms.swapaxes(1, 2)", "norms.swapaxes(1, 2) / norms"),
    plant(
        "alignment: where both are zero counts",
        "test_alignment",
        "agree / (counts + counts.swapaxes(1, 2) - both)",
        "agree / gradients.shape[-1]",
    ),
    plant(
        "beside the exact: n for n - 1",
        "test_beside_exact test_along",
        ".sum(2).sum(1) / max(1, count - 1)",
        ".sum(2).sum(1) / count",
    ),
    plant(
        "beside the exact: the bias holds the noise of the mean",
        "test_beside_exact test_along",
        "(np.square(mean - exact).sum(1) - variance / count)",
        "np.square(mean - exact).sum(1)",
    ),
    plant(
        "beside the exact: rules that learn are not taught",
        "test_beside_exact test_along",
        "for lesson in lessons if rule.learns else ()",
        "for lesson in lessons if rule.draws and rule.learns else ()",
    ),
    plant(
        "diagnostics: windows count alike",
        "test_diagnostics test_trial",
        "total += gradient * (window.y.shape[1] / batch.y.shape[1])",
        "total += gradient",
    ),
    plant(
        "diagnostics: movement since the last look",
        "test_diagnostics test_trial",
        "np.linalg.norm(after - before, axis=1) / np.diff(trajectory.updates)[point - 1]",
        "np.linalg.norm(after - before, axis=1)",
    ),
    plant(
        "diagnostics: a rule with another seed",
        "test_diagnostics test_trial",
        "(gradient)(network, task.seed)\n            same",
        "(gradient)(network)\n            same",
        "[gradient](network, task.seed)\n            same",
        "[gradient](network)\n            same",
    ),
    plant(
        "diagnostics: the smallest eigenvalue",
        "test_diagnostics test_trial test_dynamics",
        "np.abs(np.linalg.eigvals(np.where(finite[:, None, None], R, 0))).max(-1)",
        "np.abs(np.linalg.eigvals(np.where(finite[:, None, None], R, 0))).min(-1)",
    ),
    plant(
        "dynamics: R not transposed",
        "test_dynamics",
        "whole[:, :, own, own] = params.R[i].swapaxes(1, 2)[:, None]",
        "whole[:, :, own, own] = params.R[i][:, None]",
    ),
    plant(
        "dynamics: the transient counts as time",
        "test_dynamics",
        "return total.mean(1) / (steps - transient)",
        "return total.mean(1) / steps",
    ),
    plant(
        "dynamics: the product the wrong way round",
        "test_dynamics",
        "product = product @ jacobian(network, params, along, steps - k)",
        "product = jacobian(network, params, along, steps - k) @ product",
    ),
    plant(
        "dynamics: saturated by the slope of tanh", "test_dynamics", "* network.f.steepest).mean((1, 2, 3))", ").mean((1, 2, 3))"
    ),
    plant(
        "lags: the loss of the batch's mean", "test_lags", "np.linalg.norm(dx * batch, axis=-1)", "np.linalg.norm(dx, axis=-1)"
    ),
    plant("lags: lag 0 is fitted too", "test_lags", "used = (lags >= 1) &", "used = (lags >= 0) &"),
    plant(
        "staleness: weights move up the slope",
        "test_staleness",
        "params.vector[...] -= rate * gradient",
        "params.vector[...] += rate * gradient",
    ),
    plant(
        "staleness: the mean for the sum",
        "test_staleness",
        "network.parameters(initial), stream) * stream.x.shape[1]",
        "network.parameters(initial), stream)",
        "network.parameters(initial), stream) * stream.y.shape[1]",
        "network.parameters(initial), stream)",
    ),
    plant(
        "staleness: fresh sensitivities without a past",
        "test_staleness",
        "Window(x[:, : t + 1], y[:, t : t + 1], slice(t, t + 1))",
        "Window(x[:, t : t + 1], y[:, t : t + 1], slice(0, 1))",
        "Window(x[:, : t + 1], window.y, slice(t, t + 1))",
        "Window(x[:, t : t + 1], window.y, slice(0, 1))",
    ),
    plant("tape: the data of the first replicate", "test_exact", "window.x[replicate % len(window.x)]", "window.x[0]"),
    plant(
        "learner: the optimizer forgets",
        "test_trainers",
        "change, state = self.method.update(gradient, state)",
        "change, _ = self.method.update(gradient, state)",
    ),
)

COST = (
    plant("exponents: the first sizes for the last", "test_exponents", "slope(x[-2:], y[-2:])", "slope(x[:2], y[:2])"),
    plant("exponents: the crossing before zero", "test_exponents", "return float(-lead / growth)", "return float(lead / growth)"),
    plant(
        "updates: the short training is not taken off",
        "test_measures",
        '(seconds[who] - seconds[f"{who}, short"]) / many[who]',
        "seconds[who] / many[who]",
    ),
    plant("updates: the time of all replicates", "test_measures", "values = seconds / together", "values = seconds"),
    plant(
        "scaling: the carry is not handed on",
        "test_exponents test_measures",
        "            gradient += step.gradient\n            carry = step.carry\n",
        "            gradient += step.gradient\n",
    ),
    plant(
        "stopwatch: the time of all calls",
        "test_stopwatch",
        "return (time.perf_counter() - begun) / times",
        "return time.perf_counter() - begun",
    ),
    plant(
        "stopwatch: what is left for the most",
        "test_stopwatch",
        "tracemalloc.get_traced_memory()[1]",
        "tracemalloc.get_traced_memory()[0]",
    ),
    plant(
        "stopwatch: one candidate after the other",
        "test_stopwatch",
        "    for number in range(rounds):\n        for name, call in candidates.items():\n",
        "    for name, call in candidates.items():\n        for number in range(rounds):\n",
    ),
    plant(
        "pipeline: the longest job for the longest chain",
        "test_pipeline",
        "key=lambda other: length[other.job], default=None)\n        last",
        "key=lambda other: other.cpu, default=None)\n        last",
    ),
    plant(
        "progress: the time left of what is done",
        "test_log test_joblog",
        "* (self.total - done) / done",
        "* (self.total - done) / self.total",
    ),
    plant(
        "settings: a window as long as the sequence is refused",
        "test_settings test_schedule",
        "recipe.window is not None and recipe.window > sequence",
        "recipe.window is not None and recipe.window >= sequence",
    ),
    plant(
        "settings: any number of passes",
        "test_settings",
        "        if recipe.passes > drawn:\n",
        "        if recipe.passes > 100 * drawn:\n",
    ),
    plant(
        "settings: a pass of a task that counts the last step",
        "test_settings test_comparisons test_mnist",
        'self.sizes.get("train", 1) * len(',
        'self.sizes.get("train", 1) * self.time // len(',
        "return self.kind.sequences * len(self.kind.counted)",
        "return self.kind.sequences * self.kind.time",
    ),
    plant(
        "variants: Keras may start from any state",
        "test_settings",
        '            if task.network.at_rest:\n                raise SettingsError(f"Keras starts',
        '            if task.network.at_rest > 1:\n                raise SettingsError(f"Keras starts',
    ),
)

DIGESTS = (
    plant(
        "digest: modules by name alone",
        "test_digest",
        'parts.append(f"{name} {fingerprint(path_of(name))}")',
        "parts.append(name)",
    ),
    plant(
        "digest: the user's files by name alone",
        "test_digest",
        'parts += [f"{Path(path).name} {sha256}" for path, sha256 in files.content(entry).items()]',
        "parts += [Path(path).name for path in files.content(entry)]",
    ),
    plant("digest: files beside modules are left out", "test_digest", "        parts += data(name)\n", ""),
    plant(
        "digest: docstrings count",
        "test_digest",
        '"exec", dont_inherit=True, optimize=2)',
        '"exec", dont_inherit=True, optimize=1)',
    ),
    plant(
        "digest: line numbers count",
        "test_digest",
        "    yield code.co_code.hex()\n",
        "    yield code.co_code.hex() + str(code.co_firstlineno)\n",
    ),
    plant("digest: functions by name alone", "test_digest", "yield from _instructions(constant)", "yield constant.co_name"),
    plant(
        "digest: constants by type alone",
        "test_digest",
        "            yield repr(constant)\n",
        "            yield type(constant).__name__\n",
    ),
    plant(
        "digest: what a module imports, and no further",
        "test_digest",
        "if name not in EXEMPT or name in names:",
        "if name in names:",
    ),
    plant("digest: packages are not run", "test_digest", '        left.append(name.rpartition(".")[0])\n', ""),
    plant(
        "digest: imports within functions are overlooked",
        "test_digest",
        "            left += ast.iter_child_nodes(node)\n",
        "            left += [] if isinstance(node, ast.FunctionDef) else ast.iter_child_nodes(node)\n",
    ),
    plant(
        "digest: what is covered and not loaded is an error", "test_digest", "sorted(loaded - known)", "sorted(known - loaded)"
    ),
    plant(
        "digest: what lies beside the user's file is overlooked",
        "test_digest",
        '(beside := file.parent / f"{name}.py").is_file()',
        "(beside := file.parent / name).is_file()",
    ),
)

PLANTS = (*GRADIENTS, *NETWORK, *TRAINING, *TASKS, *STATISTICS, *REPORT, *TRIAL, *PROBES, *COST, *DIGESTS)
assert len({one.name for one in PLANTS}) == len(PLANTS)
