import json

import pandas as pd
import pytest

from rnnbench.study.training.run import PROVENANCE, RunError, check_complete, check_same_ground, read_curves, read_provenance

GOOD = """task,variant,replicate,updates,examples,split,metric,value
xor,mine,0,0,0,validation,mse,0.25
xor,mine,1,0,0,validation,mse,
"""


def write(tmp_path, text):
    path = tmp_path / "curves.csv"
    path.write_text(text)
    return path


def test_a_missing_value_is_a_diverged_replicate(tmp_path):
    table = read_curves(write(tmp_path, GOOD))
    assert table["value"].isna().tolist() == [False, True] and table["replicate"].tolist() == [0, 1]


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("replicate,", "rep,", "column 'replicate' is missing"),
        ("mine,1,0", "mine,one,0", "column 'replicate', row 2: 'one' is not a int"),
        ("mine,0,0,0", "mine,0,0.5,0", "column 'updates', row 1: '0.5' is not a int"),
        ("mse,0.25", "mse,abc", "column 'value', row 1: 'abc' is not a float"),
        ("xor,mine,1", "xor,,1", "column 'variant', row 2: '' is not a str"),
        ("mine,1,0,0", "mine,1,,0", "column 'updates', row 2: '' is not a int"),
    ],
)
def test_a_broken_table_names_file_column_and_row(tmp_path, old, new, message):
    path = write(tmp_path, GOOD.replace(old, new, 1))
    with pytest.raises(RunError) as failure:
        read_curves(path)
    assert str(failure.value) == f"{path}: {message}"


@pytest.mark.parametrize("text", ["", GOOD.splitlines()[0] + "\n"])
def test_an_empty_table(tmp_path, text):
    with pytest.raises(RunError, match="curves.csv: (not readable|has no rows)"):
        read_curves(write(tmp_path, text))


def test_broken_provenance(tmp_path):
    path = tmp_path / "run.json"
    path.write_text('{"task": "xor"')
    with pytest.raises(RunError, match="run.json: not readable as JSON"):
        read_provenance(path)
    path.write_text('{"task": "xor"}')
    with pytest.raises(RunError, match="run.json: key 'variant' is missing"):
        read_provenance(path)
    whole = {key: dict.fromkeys(within) for key, within in PROVENANCE.items()}
    path.write_text(json.dumps(whole))
    assert read_provenance(path) == whole
    del whole["timing"]["seconds"]
    path.write_text(json.dumps(whole))
    with pytest.raises(RunError, match=r"run.json: key 'timing\.seconds' is missing"):
        read_provenance(path)


def rows(replicates, split="test", metrics=("mse",)):
    return pd.DataFrame(
        [(r, 9, split, m, 0.5) for r in replicates for m in metrics], columns=["replicate", "updates", "split", "metric", "value"]
    )


def test_a_table_with_a_replicate_missing_or_twice_is_refused():
    check_complete(rows([0, 1, 2]), 3, "curves.csv")
    for table in (rows([0, 1]), rows([0, 1, 1]), rows([0, 1, 2, 2])):
        with pytest.raises(RunError, match="curves.csv: column 'replicate': mse on test data after 9 updates"):
            check_complete(table, 3, "curves.csv")


def test_a_table_without_test_data_is_refused():
    check_complete(pd.concat([rows([0]), rows([0], "training", ["loss"])]), 1, "curves.csv")
    with pytest.raises(RunError, match="curves.csv: column 'split': mse was taken 0 times on test data"):
        check_complete(rows([0], split="validation"), 1, "curves.csv")


def test_runs_on_other_ground_are_refused():
    hashes = {"splits": "1", "initial": "2", "order": "3"}
    first = {"task": "xor", "variant": "a", "hashes": hashes}
    for part in hashes:
        other = {**first, "variant": "b", "hashes": {**hashes, part: "9"}}
        check_same_ground([first, {**first}, {**other, "task": "mnist"}])
        with pytest.raises(RunError, match=f"xor: b was run on other {part} than a"):
            check_same_ground([first, {**first}, other])
