"""A gradient on trial. Called, it is `rnnbench.trial.verdict.trial`: rnnbench.trial("mine", MyRule)."""

import sys
from types import ModuleType
from typing import Any


class _Trial(ModuleType):
    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        from rnnbench.trial.verdict import trial

        return trial(*args, **kwargs)


sys.modules[__name__].__class__ = _Trial
