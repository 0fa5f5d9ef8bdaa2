# What Snakemake has no documented way to ask for, and why it is asked.
import logging
import os
import sys
from pathlib import Path

# Under `module`, workflow.basedir is that of the workflow that uses this one; scripts, variants and the package lie beside this file.
WORKFLOW = Path(workflow.current_basedir.get_path_or_uri(secret_free=True)).parent
# The report repeats the command that made it, with the files of --configfile.
CONFIGFILES = [os.path.relpath(file) for file in workflow.overwrite_configfiles]
# The live line must be erased before Snakemake writes a line of its own.
LOGGER = logging.getLogger("snakemake.logging")

# Where files are kept instead of a shared folder, if they are.
STORE = workflow.storage_settings and workflow.storage_settings.default_storage_prefix


def allocation(group):
    """A group of jobs that share an allocation of a cluster. Within it, all of them are one group: otherwise each part of it that is
    not connected with the rest is started for itself, one after the other. And they go on when one of them fails."""

    # Where a store keeps the files, the report is made where the command is given.
    if STORE and group == "report":
        return None

    def group_of(wildcards):
        if workflow.remote_exec:
            workflow.group_settings.group_components = {group: sys.maxsize}
            workflow.execution_settings.keep_going = True
        return group

    return group_of
