"""The workflow as part of another one, as docs/cluster.md has it."""

import re
import shutil

from cluster.small import study
from workflows import ROOT, hashes, snakemake


def test_taken_in_from_another_folder_under_other_names_it_has_the_same_bits(local, tmp_path):
    clone = study(tmp_path / "clone")
    page = (ROOT / "docs" / "cluster.md").read_text(encoding="utf-8")
    taken = re.search(r"```python\n(.*?)```", page, flags=re.DOTALL)[1].replace("/where/the/clone/is", str(clone))
    folder = tmp_path / "mine"
    folder.mkdir()
    whole = "rule all:\n    default_target: True\n    input:\n        rules.bench_study.input,\n"
    (folder / "Snakefile").write_text(f"{taken}\n\n{whole}", encoding="utf-8")
    shutil.copy(clone / "study.yaml", folder / "mine.yaml")
    output = snakemake(folder)
    assert "rule bench_train_keras" in output and not (clone / "results").exists()
    found = hashes(folder)
    # What was asked for names the config files of the command line, of which there are none.
    of_command = {"tables/provenance.json", *(path for path in {**local, **found} if path.startswith("asked/"))}
    assert {path: sha for path, sha in found.items() if path not in of_command} == {
        path: sha for path, sha in local.items() if path not in of_command
    }
