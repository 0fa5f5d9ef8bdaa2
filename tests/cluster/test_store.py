"""Without a shared folder: a store keeps the files, and every job runs on a machine of its own, as `make test-store` runs it."""

import shutil
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest
from cluster.small import study
from workflows import CONFIG, alone, hashes

needed = ("moto", "snakemake_storage_plugin_s3")
pytestmark = pytest.mark.skipif(not all(map(find_spec, needed)), reason="make test-store installs what is needed")
KEY = "key"
# What is known of a command and of the machine it was given on.
OF_COMMAND = {"tables/provenance.json", "reported.txt"}


@pytest.fixture(scope="module")
def store():
    """A bucket of a server on this machine."""
    import boto3
    from moto.server import ThreadedMotoServer

    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0)
    server.start()
    url = "http://{}:{}".format(*server.get_host_and_port())
    s3 = boto3.resource("s3", endpoint_url=url, aws_access_key_id=KEY, aws_secret_access_key=KEY, region_name="us-east-1")
    yield s3.create_bucket(Bucket="bench"), url
    server.stop()


def snakemake(folder, url, *arguments):
    """Run it there, with machines beside. Whether it succeeded, and what it said."""
    machines = folder.parent / "machines"
    machines.mkdir(exist_ok=True)
    where = ("--default-storage-provider", "s3", "--default-storage-prefix", "s3://bench/mine", "--shared-fs-usage", "none")
    how = ("--storage-s3-endpoint-url", url, "--executor", "elsewhere", "--jobs", "2", "--cores", "2")
    environment = alone() | {
        "PYTHONPATH": str(Path(__file__).parent),
        "SNAKEMAKE_STORAGE_S3_ACCESS_KEY": KEY,
        "SNAKEMAKE_STORAGE_S3_SECRET_KEY": KEY,
        "TMPDIR": str(machines),
    }
    command = [sys.executable, "-m", "snakemake", *where, *how, "--seconds-between-status-checks", "1", *arguments]
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, stdin=subprocess.DEVNULL)
    return done.returncode == 0, done.stdout + done.stderr


def test_on_machines_that_share_no_folder_it_has_the_same_bits(store, local, tmp_path):
    bucket, url = store
    folder = study(tmp_path / "study")
    # Snakemake takes to the machines what git knows.
    author = ("-c", "user.name=a", "-c", "user.email=a")
    for command in (["init", "-q"], ["add", "."], [*author, "commit", "-qm", "all"]):
        subprocess.run(["git", *command], cwd=folder, check=True)
    succeeded, output = snakemake(folder, url, *CONFIG)
    assert succeeded and "The report is results/report.html in s3://bench/mine" in output, output[-3000:]
    assert len(list((tmp_path / "machines").glob("machine-*/"))) > 10
    assert {path.name for path in (folder / "results").iterdir()} <= {"asked", "reported.txt"}
    for one in bucket.objects.filter(Prefix="mine/results"):
        path = tmp_path / "kept" / Path(one.key).relative_to("mine")
        path.parent.mkdir(parents=True, exist_ok=True)
        bucket.download_file(one.key, str(path))
    found, known = (
        {path: sha for path, sha in of.items() if path not in OF_COMMAND and not path.startswith("asked/")}
        for of in (hashes(tmp_path / "kept"), local)
    )
    assert found == known and "figures/xor/endings.svg" in found
    assert "Nothing to be done" in snakemake(folder, url, *CONFIG)[1]

    # Another config in a new folder, where Snakemake knows nothing of how the files were made.
    for gone in (".snakemake", "results"):
        shutil.rmtree(folder / gone)
    succeeded, output = snakemake(folder, url, *CONFIG, "--config", "seed=7")
    assert not succeeded and "was made with seed 1990 where 7 is asked for" in output
