from snakemake.utils import min_version

min_version("9.12")


configfile: "config/config.yaml"


include: "workflow/rules/common.smk"


wildcard_constraints:
    task="|".join(TASKS),


include: "workflow/rules/data.smk"
include: "workflow/rules/train.smk"
include: "workflow/rules/variants.smk"
include: "workflow/rules/trial.smk"
include: "workflow/rules/cost.smk"
include: "workflow/rules/report.smk"


rule all:
    default_target: True
    input:
        "results/report.html",


onsuccess:
    if Path("results/report.html").exists():
        print("\nDone. Open results/report.html")


onerror:
    print(
        "\nA job failed; its rule's log, named above, says why. What was finished is kept: run the same command again."
        "\nAfter an interruption, add --rerun-incomplete (and if it asks, run snakemake --unlock first)."
    )
