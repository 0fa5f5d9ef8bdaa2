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
        ["results/report.html", "results/answer.txt"],


onstart:
    LIVE.start()


onsuccess:
    LIVE.stop()
    if not workflow.dag_settings.targets:
        print("", Path("results/answer.txt").read_text(encoding="utf-8"), sep="\n")
        print("Done. Open results/report.html")


onerror:
    LIVE.stop()
    print(
        "\nA job failed; its rule's log, named above, says why. What was finished is kept: run the same command again."
        "\nAfter an interruption, add --rerun-incomplete (and if it asks, run snakemake --unlock first)."
        "\nFor a report on what was finished, add --config partial=True --allowed-rules",
        *(*REPORTING, "(with --keep-going it is written by itself)."),
    )
    if asks_for_what_is_there(log):
        report_what_is_there()
