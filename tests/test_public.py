"""What `import rnnbench` offers."""

import inspect
import subprocess
import sys

import pytest

import rnnbench


def python(code):
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout.split()


@pytest.mark.parametrize("name", rnnbench.PUBLIC)
def test_a_public_name_is_there_and_says_what_it_is(name):
    found = getattr(rnnbench, name)
    if name != "State":  # an alias of dict
        assert inspect.getdoc(found)
    assert name in dir(rnnbench)


@pytest.mark.parametrize("name", ["GradientRule", "Network", "Parameters"])
def test_public_methods_say_what_they_do(name):
    public = [member for key, member in vars(getattr(rnnbench, name)).items() if not key.startswith("_") and callable(member)]
    assert public and all(inspect.getdoc(member) for member in public)


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("Parameters", "(replicate, parameter)"),
        ("Window", "(replicate, T, batch, inputs)"),
        ("Activity", "(replicate, counted steps, batch, outputs)"),
        ("Step", "(replicate, parameter)"),
        ("through_outputs", "(replicate, T, batch, n_L)"),
        ("rule", "Raises RuleError"),
        ("Network", "Raises ValueError"),
    ],
)
def test_docstrings_give_shapes_and_errors(name, words):
    assert words in inspect.getdoc(getattr(rnnbench, name))


def test_nothing_is_loaded_before_it_is_asked_for():
    code = "import sys, rnnbench; print(*sys.modules); rnnbench.Network; print('then', *sys.modules)"
    before, after = " ".join(python(code)).split(" then ")
    assert "numpy" not in before.split() and "rnnbench.network" in after.split() and "rnnbench.trial" not in after.split()


@pytest.mark.parametrize("first", ["import rnnbench.trial.verdict", "rnnbench.trial"])
def test_the_trial_is_a_function_and_a_package_in_either_order(first):
    code = f"import rnnbench\n{first}\nfrom rnnbench.trial.verdict import trial\n"
    code += "verdict = rnnbench.trial('mine', rnnbench.rule('bptt'), depths=(1,), lengths=(2,))\n"
    code += "assert isinstance(verdict, rnnbench.Verdict) and verdict.exact\nprint(verdict.version)"
    assert python(code) == [rnnbench.__version__]


def test_what_is_not_there_is_an_attribute_error():
    with pytest.raises(AttributeError, match="no attribute 'gradient_rule'"):
        _ = rnnbench.gradient_rule


def test_the_trial_of_a_rule_loads_no_more_than_it_needs():
    code = "import sys; from rnnbench.cli import main; main(['trial', 'bptt', '--layers', '1']); print('then', *sys.modules)"
    loaded = set(" ".join(python(code)).partition(" then ")[2].split())
    assert "rnnbench.trial.verdict" in loaded
    assert not loaded & {"pandas", "tensorflow", "scipy.stats", "snakemake", "rnnbench.study"}
