"""What code does to its process changes neither the verdict nor the exit status."""

import json

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


def run(tmp_path, capfd, *arguments, at_import="", in_step="pass"):
    file = tmp_path / "mine.py"
    file.write_text(RULE.replace("AT_IMPORT", at_import).replace("IN_STEP", in_step), encoding="utf-8")
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


@pytest.mark.parametrize("seconds", ["0", "-1", "inf", "soon"])
def test_a_timeout_is_a_time(tmp_path, capfd, seconds):
    with pytest.raises(SystemExit):
        run(tmp_path, capfd, "--timeout", seconds)


def test_how_floating_point_errors_are_handled_is_put_back():
    before = np.geterr()
    guarded(None, lambda: np.seterr(all="raise"))
    assert np.geterr() == before != dict.fromkeys(before, "raise")
