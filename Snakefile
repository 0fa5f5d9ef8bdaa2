from snakemake.utils import min_version

# The one that the locked versions have been tried with.
min_version("9.27.1")


configfile: "config/config.yaml"


include: "workflow/rules/common.smk"


wildcard_constraints:
    task="|".join(config["tasks"]),
    variant=r"[\w-]+",
    # Of the replicates that are trained, the first and the last; nothing where one job trains them all.
    block=r"(\.\d+-\d+)?",


include: "workflow/rules/train.smk"
include: "workflow/rules/variants.smk"
include: "workflow/rules/data.smk"
include: "workflow/rules/rates.smk"
include: "workflow/rules/trial.smk"
include: "workflow/rules/cost.smk"
include: "workflow/rules/asked.smk"
include: "workflow/rules/report.smk"


rule all:
    default_target: True
    input:
        ["results/report.html", "results/answer.txt"],
        # As long as the page is there, Snakemake makes nothing anew that is gone unless it is asked for.
        rules.aggregate.output,
        rules.aggregate.input,
        TRAINED["snapshots"],


# Where a job on this machine writes: of files in a store, there are copies.
LOGS, SHOWN = Path(rules.write_report.log[0]).parent, Path(rules.write_report.output.answer)
LIVE = LiveLine(LOGS, sys.stderr, LOGGER)


onstart:
    LIVE.start()


onsuccess:
    LIVE.stop()
    if STORE:
        print(f"\nThe report is results/report.html in {STORE}")
    elif SHOWN.exists() and SHOWN.stat().st_mtime >= session():
        print("", SHOWN.read_text(encoding="utf-8"), sep="\n")
        print("Done. Open results/report.html")


onerror:
    LIVE.stop()
    print("", *(failed := failures(LOGS, session())), sep="\n")
    print(
        ("The logs named above say more. " if failed else "The study was stopped before its end. ")
        + "What was finished is kept: run the same command again."
        "\nAfter an interruption, add --rerun-incomplete (and if it asks, run snakemake --unlock first)."
    )
    if not STORE:
        print("For a report on what was finished: snakemake --cores 1 partial_report (and your --configfile, if any)")
