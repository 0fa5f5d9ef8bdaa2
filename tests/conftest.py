"""What all tests share: the pinned environment (before NumPy loads) and how hypothesis searches."""

from rnnbench import environment

environment.pin()

from hypothesis import HealthCheck, settings  # noqa: E402

# The same examples on every machine and every run; a failure here is a failure there.
settings.register_profile(
    "rnnbench",
    derandomize=True,
    deadline=None,
    max_examples=40,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
settings.load_profile("rnnbench")
