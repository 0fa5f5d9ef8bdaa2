# Every file in workflow/variants is a variant, under the name of the file.
for variant in VARIANTS:

    include: f"../variants/{variant}.smk"


for key in ["targets", "variants"]:
    for task in config[key]:
        if task not in TASKS:
            raise WorkflowError(f"config, {key}: there is no task {task!r}{nearest(task, TASKS)}")
try:
    RUNS = [(task, variant) for task in TASKS for variant in variants_of(task)]
except SettingsError as error:
    raise WorkflowError(str(error))
if not RUNS:
    raise WorkflowError("config, variants: no task has a variant to run")
