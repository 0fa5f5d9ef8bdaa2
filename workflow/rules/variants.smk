# Every file in workflow/variants is a variant, under the name of the file.
for variant in VARIANTS:

    include: f"../variants/{variant}.smk"


by_task = {key: config[key] for key in ["targets", "variants", "ladder"]}
by_task |= {"statistics.margins": config["statistics"]["margins"], "cost.recipes": config["cost"]["recipes"]}
for key, tasks in by_task.items():
    for task in tasks:
        if task not in TASKS:
            raise WorkflowError(f"config, {key}: there is no task {task!r}{nearest(task, TASKS)}")
try:
    RUNS = [(task, variant) for task in TASKS for variant in variants_of(task)]
except SettingsError as error:
    raise WorkflowError(str(error))
if not RUNS:
    raise WorkflowError("config, variants: no task has a variant to run")
COST_RECIPES = {task: recipe for task, recipe in config["cost"]["recipes"].items() if recipe and task in dict(RUNS)}
for task, recipe in COST_RECIPES.items():
    try:
        Variant("", "keras", "bptt", recipe, {}).check(TaskSettings.of(task, config["tasks"][task], config["seed"]))
    except SettingsError as error:
        raise WorkflowError(f"config, cost.recipes.{task}: {error}")
# A rung may be left out of `variants` (the ladder then says that it was not run), but not be of a variant that never runs.
for task, ladders in config["ladder"].items():
    known = [*meant_for(task), *config["variants"].get(task, [])]
    for name in (rung["variant"] for ladder in ladders for rung in ladder["rungs"]):
        if name not in known:
            raise WorkflowError(f"config, ladder.{task}: no variant {name!r} is for this task{nearest(name, known)}")
# Of each task, the variants that hold the rules of online learning against each other, and the exact one among them.
following = [(task, variant_named(name)[0]) for task, name in RUNS]
following = [(task, v) for task, v in following if v.recipe == RECIPE and v.library == "numpy" and not v.change]
COMPARED = {task: list(dict.fromkeys(v.gradient for t, v in following if t == task)) for task, _ in following}
EXACT = {task: variant.name for task, variant in following if variant.gradient == "bptt"}
EXACT_RUNS = {
    task: {
        "curves": f"results/runs/{task}/{variant}/curves.csv",
        "snapshots": f"results/runs/{task}/{variant}/snapshots.npz",
        "provenance": f"results/runs/{task}/{variant}/run.json",
    }
    for task, variant in EXACT.items()
}
# With `partial` in the config, of what is there; what is not is told in the report.
MISSING = missing() if config["partial"] else []
RUNS = [run for run in RUNS if there([diagnosed(*run)])]
if not RUNS:
    raise WorkflowError("config, partial: no run has finished yet, so that there is nothing to report")
