"""Streams of random numbers: each purpose and each number has its own, the same every time."""

from itertools import combinations

from rnnbench.seeds import stream

NAMES = [
    (0, "a"),
    (1, "a"),
    (0, "b"),
    (0, "ab"),
    (0, "a", 0),
    (0, "a", 0, 0),
    (0, "a", 1),
    (0, "a", 1, 0),
    (0, "a", 0, 1),
    (0, "", 97),
]


def test_no_two_names_share_a_stream():
    drawn = {name: stream(*name).random(4).tolist() for name in NAMES}
    assert all(stream(*name).random(4).tolist() == numbers for name, numbers in drawn.items())
    assert all(not set(drawn[a]) & set(drawn[b]) for a, b in combinations(NAMES, 2))
