"""What code does to its process changes neither the verdict nor the exit status."""

import json
import subprocess
import sys

import numpy as np
import pytest

from rnnbench.cli import main
from rnnbench.trial.contract import guarded

RULE = """
import atexit, os, signal, sys, time
import numpy as np
from rnnbench.gradients.bptt import Bptt
AT_IMPORT

class Mine(Bptt):
    def step(self, params, window, carry):
        IN_STEP
        return super().step(params, window, carry)
"""


def written(tmp_path, at_import="", in_step="pass"):
    file = tmp_path / "mine.py"
    file.write_text(RULE.replace("AT_IMPORT", at_import).replace("IN_STEP", in_step), encoding="utf-8")
    return file


def run(tmp_path, capfd, *arguments, **code):
    file = written(tmp_path, **code)
    status = main(["trial", str(file), "--layers", "1", *arguments])
    return status, *capfd.readouterr()


@pytest.mark.parametrize("where", ["at_import", "in_step"])
@pytest.mark.parametrize(
    ("code", "message"),
    [
        ("sys.exit(0)", "SystemExit: 0|the code called sys.exit(0)"),
        ("os._exit(0)", "the code ended its process (exit status 0) before there was a verdict"),
        ("os.kill(os.getpid(), signal.SIGKILL)", "ended by SIGKILL before there was a verdict, as the system does where memory"),
        ("time.sleep(60)", "the code took longer than 0.5 s for a network; --timeout SECONDS gives it more"),
        ("[np.ones(2**34) for _ in range(10**6)]", "MemoryError"),
        ("raise KeyboardInterrupt", "could not be imported: KeyboardInterrupt|the code raised KeyboardInterrupt"),
        ("raise GeneratorExit('x')", "could not be imported: GeneratorExit: x|the code raised GeneratorExit: x"),
    ],
)
def test_code_that_ends_or_does_not_return_has_no_verdict(tmp_path, capfd, where, code, message):
    status, out, err = run(tmp_path, capfd, "--timeout", "0.5" if "sleep" in code else "20", **{where: code})
    assert status == 2 and out == "" and "Traceback" not in err
    assert err.startswith("rnnbench trial: ") and any(part in err for part in message.split("|"))


@pytest.mark.parametrize("where", ["at_import", "in_step"])
@pytest.mark.parametrize(
    "code",
    [
        "np.seterr(all='raise')",
        "np.random.seed(0)",
        "print('a line of debugging')",
        "os.write(1, b'a line of debugging')",
        "atexit.register(print, 'a line of debugging')",
    ],
)
def test_what_code_leaves_behind_changes_nothing(tmp_path, capfd, where, code):
    status, out, err = run(tmp_path, capfd, "--json", **{where: code})
    assert status == 0 and json.loads(out)["exact"], err


@pytest.mark.parametrize(
    ("code", "message"),
    [
        ("return None", "the rule's step returned None, not a rnnbench.Step"),
        ("return (1, 2, 3)", "the rule's step returned a tuple, not a rnnbench.Step"),
        ("yield None", "the rule's step returned a generator, not a rnnbench.Step"),
        ("return (lambda: 0)", "the rule's step returned a function, not a rnnbench.Step"),
        (
            "return (lambda s: s._replace(gradient=np.matrix(s.gradient)))(super().step(params, window, carry))",
            "is a matrix, not",
        ),
        ("np.float64 = np.asarray = None", "the trial itself failed (TypeError"),
    ],
)
def test_what_is_no_step_is_named_as_what_it_is(tmp_path, capfd, code, message):
    status, out, err = run(tmp_path, capfd, in_step=code)
    assert status == 2 and out == "" and message in err and err.count("\n") == 1


def test_a_coroutine_is_named_and_not_complained_of(tmp_path, capfd):
    file = written(tmp_path)
    file.write_text(file.read_text(encoding="utf-8").replace("def step", "async def step"), encoding="utf-8")
    status, _, err = main(["trial", str(file)]), *capfd.readouterr()
    assert status == 2 and "the rule's step returned a coroutine" in err and err.count("\n") == 1


@pytest.mark.parametrize(("output", "why"), [(">&-", "standard output is closed"), (">/dev/full", "No space left on device")])
def test_a_verdict_that_no_one_can_read_is_none(tmp_path, output, why):
    command = f'"{sys.executable}" -m rnnbench.cli trial "{written(tmp_path)}" --layers 1 {output}'
    done = subprocess.run(command, shell=True, capture_output=True, text=True)
    assert done.returncode == 2 and done.stderr == f"rnnbench trial: the verdict could not be printed: {why}\n"


@pytest.mark.parametrize("seconds", ["0", "-1", "inf", "soon"])
def test_a_timeout_is_a_time(tmp_path, capfd, seconds):
    with pytest.raises(SystemExit):
        run(tmp_path, capfd, "--timeout", seconds)


def test_how_floating_point_errors_are_handled_is_put_back():
    before = np.geterr()
    guarded(None, lambda: np.seterr(all="raise"))
    assert np.geterr() == before != dict.fromkeys(before, "raise")
