# What Snakemake has no documented way to ask for, and why it is asked.
import logging
import os
from pathlib import Path

# Under `module`, workflow.basedir is that of the workflow that uses this one; scripts, variants and the package lie beside this file.
WORKFLOW = Path(workflow.current_basedir.get_path_or_uri(secret_free=True)).parent
# The report repeats the command that made it, with the files of --configfile.
CONFIGFILES = [os.path.relpath(file) for file in workflow.overwrite_configfiles]
# The live line must be erased before Snakemake writes a line of its own.
LOGGER = logging.getLogger("snakemake.logging")
