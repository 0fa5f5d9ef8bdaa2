import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from rnnbench.study.probes.alignment import alignment

GRADIENTS = hnp.arrays(float, (4, 2, 5), elements=st.floats(-3, 3).map(lambda v: round(v, 1)))


def one_by_one(a, b):
    """The definitions, for two vectors."""
    agree = [np.sign(p) == np.sign(q) for p, q in zip(a, b) if p or q]
    if not a.any() or not b.any():
        return [np.nan] * 3
    return [a @ b / np.linalg.norm(a) / np.linalg.norm(b), np.linalg.norm(a) / np.linalg.norm(b), np.mean(agree)]


@given(GRADIENTS)
def test_each_pair_is_what_the_definitions_say(gradients):
    found = np.stack(alignment(gradients))
    for a in range(4):
        for b in range(4):
            for r in range(2):
                np.testing.assert_allclose(found[:, r, a, b], one_by_one(gradients[a, r], gradients[b, r]), atol=1e-12)


@given(GRADIENTS, st.floats(0.01, 100))
def test_a_longer_gradient_changes_its_length_alone(gradients, factor):
    longer = gradients.copy()
    longer[1] *= factor
    before, after = alignment(gradients), alignment(longer)
    np.testing.assert_allclose(after.cosine, before.cosine, atol=1e-12)
    np.testing.assert_allclose(after.sign_agreement, before.sign_agreement)
    np.testing.assert_allclose(after.norm_ratio[:, 1, 0], before.norm_ratio[:, 1, 0] * factor)


def test_a_flipped_sign_is_seen_in_the_signs():
    rng = np.random.default_rng(0)
    a = rng.normal(size=(1, 100))
    b = a.copy()
    b[:, :3] *= -1
    assert alignment(np.stack([a, b])).sign_agreement[0, 0, 1] == pytest.approx(0.97)
    assert alignment(np.stack([a, -a])).sign_agreement[0, 0, 1] == 0


@pytest.mark.parametrize("bad", [0.0, np.nan, np.inf])
def test_nothing_is_said_of_a_gradient_that_is_not_there(bad):
    gradients = np.ones((2, 1, 3))
    gradients[1] = bad
    for values in alignment(gradients):
        np.testing.assert_array_equal(np.isnan(values[0]), [[False, True], [True, True]])
