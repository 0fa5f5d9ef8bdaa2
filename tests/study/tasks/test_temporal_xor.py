import numpy as np
import pytest

from rnnbench.study.tasks.temporal_xor import EXAMPLE, REFERENCES, TemporalXor, bit_stream, profile

BITS = 300_000
TASK = TemporalXor({"bits": 60})


@pytest.fixture(scope="module")
def bits():
    return bit_stream(np.random.default_rng(0), BITS + 1)


def test_every_third_bit_is_the_exclusive_or_of_the_two_before(bits):
    first, second, third = bits[: BITS // 3 * 3].reshape(-1, 3).T
    np.testing.assert_array_equal(third, first ^ second)
    # and nothing else can be told: each pair of first bits comes as often as any other
    assert np.bincount(2 * first + second) / len(first) == pytest.approx([0.25] * 4, abs=0.005)


def scored(prediction, bits):
    found = {
        k: v.item() for k, v in TASK.score(prediction[None, :, None, None], bits[None, 1:, None, None].astype(float)).items()
    }
    return {**found, "mse_other": (found["mse_position_0"] + found["mse_position_1"]) / 2}


def check(found, reference):
    for metric, value in REFERENCES[reference].items():
        assert found[metric] == pytest.approx(value, abs=0.005), (reference, metric)


def test_ideal_predictors_score_the_reference_lines(bits):
    """Each reference line is what its predictor really scores on a long stream."""
    xor = np.empty(BITS)
    xor[1:] = bits[1:-1] ^ bits[:-2]
    xor[0] = 0.5
    check(scored(np.full(BITS, 0.5), bits), "no memory")
    check(scored(np.where(xor > 0, 2 / 3, 1 / 3), bits), "rule without phase")
    position = np.arange(1, BITS + 1) % 3
    check(scored(np.where(position == 2, xor, 0.5), bits), "rule and phase")


def test_streams_differ_by_replicate_and_split_and_do_not_depend_on_the_number_of_replicates():
    few, many = TASK.prepare(1, 2, {}), TASK.prepare(1, 4, {})
    np.testing.assert_array_equal(few["train_x"], many["train_x"][:2])
    streams = [many[f"{split}_x"][r].tobytes() for split in ("train", "validation", "test") for r in range(4)]
    assert len(set(streams)) == 12
    # the target of a step is the input of the next
    np.testing.assert_array_equal(many["train_x"][:, 1:], many["train_y"][:, :-1])


def test_the_telling_step_predicts_the_xor_bit():
    for time in range(3, 40):
        telling = TASK.telling(time)
        assert time - 2 <= telling <= time and telling % 3 == 2  # step telling - 1 predicts the bit at position telling


def test_the_first_metric_is_the_xor_bit():
    assert TASK.metrics[0].name == "mse_xor_bit"
    assert set(TASK.score(np.full((1, 6, 1, 1), 0.5), np.zeros((1, 6, 1, 1)))) == {m.name for m in TASK.metrics}


def test_the_profile_dips_at_every_third_bit(bits):
    """The Bayes predictor: no error on bits 3, 6, 9 and 12, 1/2 on the coin flips."""
    xor = np.empty(BITS)
    xor[1:] = bits[1:-1] ^ bits[:-2]
    prediction = np.where(np.arange(1, BITS + 1) % 3 == 2, xor, 0.5)
    found = profile(prediction[None, :, None, None], bits[None, 1:, None, None].astype(float))
    np.testing.assert_allclose(found[0], np.where(np.arange(1, 13) % 3 == 0, 0, 0.5))


def test_the_example_follows_the_rule():
    symbols = [int(symbol) for symbol in EXAMPLE.symbols]
    assert len(symbols) == EXAMPLE.group * len(EXAMPLE.told) and 0 < sum(symbols[2::3]) < len(EXAMPLE.told)
    for a, b, c, told in zip(symbols[::3], symbols[1::3], symbols[2::3], EXAMPLE.told):
        assert a ^ b == c and told == f"{a} XOR {b} = {c}"
