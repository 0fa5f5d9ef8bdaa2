"""A Slurm of one host in a folder: its own key, ports, state and logs, beside whatever Slurm the host has.

    python tests/cluster/one_host.py FOLDER    starts it, prints how to use it, and stops it with Ctrl + C

Needs munged, slurmctld and slurmd (Debian: munge, slurmctld, slurmd, slurm-client).
"""

import getpass
import os
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

PROGRAMS = ("munged", "slurmctld", "slurmd", "sbatch", "srun", "scontrol")
SETTINGS = """\
ClusterName=test
SlurmctldHost={host}
SlurmUser={user}
SlurmdUser={user}
AuthType=auth/munge
AuthInfo=socket={folder}/munge.socket
CredType=cred/munge
SlurmctldPort={controller}
SlurmdPort={daemon}
StateSaveLocation={folder}/state
SlurmdSpoolDir={folder}/spool
SlurmctldPidFile={folder}/slurmctld.pid
SlurmdPidFile={folder}/slurmd.pid
SlurmctldLogFile={folder}/slurmctld.log
SlurmdLogFile={folder}/slurmd.log
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
JobAcctGatherType=jobacct_gather/none
MpiDefault=none
ReturnToService=2
MinJobAge=600
KillWait=5
SlurmdTimeout=30
SelectType=select/cons_tres
SelectTypeParameters=CR_Core_Memory
SchedulerParameters=sched_min_interval=100000,bf_interval=2
NodeName={host} CPUs={cores} RealMemory={memory} State=UNKNOWN
PartitionName=main Nodes={host} Default=YES MaxTime=INFINITE State=UP
"""


def missing() -> list[str]:
    """The programs that are not there."""
    return [name for name in PROGRAMS if shutil.which(name, path=_path()) is None]


def _path() -> str:
    return f"{os.environ['PATH']}:/usr/sbin:/usr/local/sbin"


class Cluster:
    """Its daemons, each of which can be killed and started again."""

    def __init__(self, folder: Path, cores: int = 2) -> None:
        self.folder, self.host = folder, socket.gethostname()
        for name in ("state", "spool"):
            (folder / name).mkdir(parents=True, exist_ok=True)
        folder.chmod(0o755)
        key = folder / "munge.key"
        key.touch(mode=0o600)
        key.write_bytes(secrets.token_bytes(128))
        memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") // 2**20
        controller, daemon = _free_ports(2)
        settings = SETTINGS.format(
            host=self.host,
            user=getpass.getuser(),
            folder=folder,
            controller=controller,
            daemon=daemon,
            cores=cores,
            memory=memory,
        )
        (folder / "slurm.conf").write_text(settings, encoding="utf-8")
        (folder / "cgroup.conf").write_text("CgroupPlugin=cgroup/v1\n", encoding="utf-8")
        # Within an allocation srun is called without SLURM_CONF, as on a cluster whose settings lie where Slurm looks for them.
        (folder / "bin").mkdir(exist_ok=True)
        srun = folder / "bin" / "srun"
        srun.write_text(
            f'#!/bin/sh\nSLURM_CONF={folder}/slurm.conf exec {shutil.which("srun", path=_path())} "$@"\n', encoding="utf-8"
        )
        srun.chmod(0o755)
        self.environment = os.environ | {"SLURM_CONF": f"{folder}/slurm.conf", "PATH": f"{folder}/bin:{_path()}"}
        self.daemons: dict[str, subprocess.Popen[bytes]] = {}

    def start(self, *names: str) -> None:
        """Start daemons, all unless some are named, and wait until the node takes jobs."""
        commands = {
            "munged": ["munged", "--foreground", "--force", *(f"--{k}={self.folder}/munge.{v}" for k, v in MUNGE.items())],
            "slurmctld": ["slurmctld", "-D"],
            "slurmd": ["slurmd", "-D"],
        }
        for name in names or commands:
            with (self.folder / f"{name}.out").open("ab") as out:
                self.daemons[name] = subprocess.Popen(
                    commands[name], env=self.environment, stdout=out, stderr=out, start_new_session=True
                )
            if name == "munged":
                self._until(lambda: (self.folder / "munge.socket").exists(), "munged makes its socket")
        self._until(
            lambda: self.run("sinfo", "--noheader", "--format=%T").strip() in ("idle", "mixed", "allocated"), "a node is up"
        )

    def kill(self, name: str) -> None:
        """As kill -9 does."""
        self.daemons[name].kill()
        self.daemons.pop(name).wait()

    def cancel(self) -> None:
        """Cancel whatever runs or waits."""
        self.run("scancel", "--user", getpass.getuser())

    def stop(self) -> None:
        """Cancel what runs, and end all daemons."""
        self.cancel()
        for name in ("slurmd", "slurmctld", "munged"):
            if daemon := self.daemons.pop(name, None):
                daemon.send_signal(signal.SIGTERM)
                try:
                    daemon.wait(20)
                except subprocess.TimeoutExpired:
                    daemon.kill()

    def run(self, *command: str) -> str:
        """What a command of Slurm prints."""
        return subprocess.run(command, env=self.environment, capture_output=True, text=True, timeout=60, check=False).stdout

    def _until(self, holds, what: str, seconds: float = 30) -> None:
        end = time.monotonic() + seconds
        while not holds():
            if time.monotonic() > end:
                logs = "\n".join(f"{log.name}: {log.read_text(errors='replace')[-2000:]}" for log in self.folder.glob("*.out"))
                raise TimeoutError(f"{what}: not within {seconds:g} s\n{logs}")
            time.sleep(0.2)


MUNGE = {"key-file": "key", "socket": "socket", "pid-file": "pid", "log-file": "log", "seed-file": "seed"}


def _free_ports(count: int) -> list[int]:
    """Ports that nobody has."""
    sockets = [socket.socket() for _ in range(count)]
    for one in sockets:
        one.bind(("", 0))
    found = [one.getsockname()[1] for one in sockets]
    for one in sockets:
        one.close()
    return found


def main() -> None:
    if absent := missing():
        sys.exit(f"not there: {', '.join(absent)}; on Debian, install munge, slurmctld, slurmd and slurm-client")
    cluster = Cluster(Path(sys.argv[1]).resolve(), os.cpu_count() or 1)
    ends = {signal.SIGINT, signal.SIGTERM}
    signal.pthread_sigmask(signal.SIG_BLOCK, ends)
    try:
        cluster.start()
        print(*(f"export {name}={cluster.environment[name]}" for name in ("SLURM_CONF", "PATH")), sep="\n")
        print(f"\n{cluster.run('sinfo')}", flush=True)
        signal.sigwait(ends)
    finally:
        cluster.stop()


if __name__ == "__main__":
    main()
