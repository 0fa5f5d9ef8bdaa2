"""Every random draw of a study has a stream of its own, named by what it is for."""

import numpy as np


def stream(seed: int, purpose: str, *numbers: int) -> np.random.Generator:
    """The generator of one purpose and its numbers (a replicate, a split); no two share a stream."""
    # Each part is preceded by its length: a sequence that is another one padded with zeros would seed the same stream.
    return np.random.default_rng([seed, len(purpose), *purpose.encode(), len(numbers), *(number + 1 for number in numbers)])
