"""An executor of Snakemake for tests: every job, or group of jobs, on a machine that shares no folder with any other, as a pod of
Kubernetes does. The machine is a new, empty folder; sources come from the store, as all files do.

    PYTHONPATH=tests/cluster snakemake --executor elsewhere ...
"""

import os
import subprocess
import sys
import tempfile
from collections.abc import AsyncGenerator
from pathlib import Path

from snakemake_interface_executor_plugins.executors.base import SubmittedJobInfo
from snakemake_interface_executor_plugins.executors.remote import RemoteExecutor
from snakemake_interface_executor_plugins.jobs import JobExecutorInterface
from snakemake_interface_executor_plugins.settings import CommonSettings

common_settings = CommonSettings(
    non_local_exec=True,
    implies_no_shared_fs=True,
    job_deploy_sources=True,
    pass_default_storage_provider_args=True,
    pass_default_resources_args=True,
    pass_envvar_declarations_to_cmd=True,
    auto_deploy_default_storage_provider=False,
    init_seconds_before_status_checks=1,
)


class Executor(RemoteExecutor):
    """Runs what the plugin interface gives it to run."""

    def run_job(self, job: JobExecutorInterface) -> None:
        """Start a job in a folder of its own."""
        machine = Path(tempfile.mkdtemp(prefix="machine-"))
        environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
        # Of Python and its packages the machine has the same.
        environment["PATH"] = f"{Path(sys.executable).parent}:{environment['PATH']}"
        with (machine.parent / f"{machine.name}.log").open("wb") as said:
            process = subprocess.Popen(
                self.format_job_exec(job), shell=True, cwd=machine, env=environment, stdout=said, stderr=said
            )
        self.report_job_submission(SubmittedJobInfo(job, external_jobid=machine.name, aux={"process": process}))

    async def check_active_jobs(self, active_jobs: list[SubmittedJobInfo]) -> AsyncGenerator[SubmittedJobInfo, None]:
        """Those that still run; report the others."""
        for info in active_jobs:
            status = info.aux["process"].poll()
            if status is None:
                yield info
            elif status:
                self.report_job_error(info)
            else:
                self.report_job_success(info)

    def cancel_jobs(self, active_jobs: list[SubmittedJobInfo]) -> None:
        """End those that still run."""
        for info in active_jobs:
            info.aux["process"].terminate()
