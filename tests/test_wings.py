"""Two wings: the core judges a gradient and needs NumPy; the study stands on it. Read from the import statements."""

import ast
import sys
from pathlib import Path

import pytest

SOURCE = Path(__file__).parents[1] / "src"
# From the ground up. What stands on one line may import what stands on that line or on a line before it.
FLOORS = [
    ("rnnbench", "rnnbench.arrays", "rnnbench.environment", "rnnbench.errors", "rnnbench.files", "rnnbench.seeds"),
    ("rnnbench.activations", "rnnbench.losses"),
    ("rnnbench.network", "rnnbench.initializers"),
    ("rnnbench.gradients",),
    ("rnnbench.trial",),
    ("rnnbench.cli",),
    ("rnnbench.study", "rnnbench.study.tasks", "rnnbench.study.settings", "rnnbench.study.schema", "rnnbench.study.roles"),
    ("rnnbench.study.variants", "rnnbench.study.provenance", "rnnbench.study.workflow", "rnnbench.study.jobs"),
    ("rnnbench.study.training",),
    ("rnnbench.study.probes", "rnnbench.study.cost"),
    ("rnnbench.study.analysis",),
    ("rnnbench.study.figures",),
    ("rnnbench.study.report",),
]


def name_of(path):
    parts = path.relative_to(SOURCE).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


MODULES = {name_of(path): path for path in SOURCE.rglob("*.py")}


def imports(path):
    """Everything that a file imports when it runs, as modules."""
    left, found = [ast.parse(path.read_text(encoding="utf-8"))], set()
    while left:
        node = left.pop()
        if isinstance(node, ast.If) and isinstance(node.test, ast.Name) and node.test.id == "TYPE_CHECKING":
            continue
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert not node.level, f"{path}: a relative import"
            found |= {full if (full := f"{node.module}.{alias.name}") in MODULES else node.module for alias in node.names}
        left += ast.iter_child_nodes(node)
    return found


def floor(module):
    """The number of the line whose longest name a module lies under."""
    names = {name: number for number, line in enumerate(FLOORS) for name in line}
    return max((len(name), number) for name, number in names.items() if module == name or module.startswith(f"{name}."))[1]


CORE = sorted(module for module in MODULES if not module.startswith("rnnbench.study"))


FASTER_WITH = {"rnnbench.gradients.sk_rtrl": {"scipy"}}
"""What is used where it is there, and not needed."""


@pytest.mark.parametrize("module", CORE)
def test_the_core_needs_numpy_alone_and_never_the_study(module):
    outside = {name.partition(".")[0] for name in imports(MODULES[module])} - {"rnnbench", *sys.stdlib_module_names}
    peer = {module.rpartition(".")[2]} if module.startswith("rnnbench.gradients.peers.") else FASTER_WITH.get(module, set())
    assert outside <= {"numpy"} | peer
    assert not [name for name in imports(MODULES[module]) if name.startswith("rnnbench.study")]


@pytest.mark.parametrize("module", sorted(MODULES))
def test_no_import_goes_up(module):
    assert [name for name in imports(MODULES[module]) & MODULES.keys() if floor(name) > floor(module)] == []


def test_no_imports_go_round():
    graph = {module: imports(path) & MODULES.keys() - {module} for module, path in MODULES.items()}
    while graph:
        leaves = {module for module, needed in graph.items() if not needed & graph.keys()}
        assert leaves, f"these import each other: {sorted(graph)}"
        graph = {module: needed for module, needed in graph.items() if module not in leaves}


def test_the_settings_and_the_data_of_a_study_need_no_rule():
    for module in ("rnnbench.study.settings", "rnnbench.study.tasks.base", "rnnbench.study.training.prepared"):
        seen, left = set(), [module]
        while left:
            for name in imports(MODULES[left.pop()]) & MODULES.keys() - seen:
                seen.add(name)
                left.append(name)
        assert not [name for name in seen if name.startswith("rnnbench.gradients")], module
