# From runs to tables, from tables to figures, from both to the page.
TRAINED = run_files([block for run in PLAN.runs for block in PLAN.blocks(run)])


rule aggregate:
    input:
        asked=asked_for,
        curves=TRAINED["curves"],
        provenance=TRAINED["provenance"],
        rates=expand("results/rates/{run}.csv", run=PLAN.tried),
        diagnostics=expand("results/trial/diagnostics/{run}.csv", run=PLAN.runs),
        rules=expand("results/trial/rules/{rule}.json", rule=PLAN.judged),
        yardstick=[YARDSTICK],
        lockstep=expand("results/trial/lockstep/{task}.csv", task=PLAN.beside_keras),
        staleness=expand("results/trial/staleness/{task}.csv", task=PLAN.by_task),
        beside_exact=expand("results/trial/beside_exact/{task}.csv", task=PLAN.reference),
        gradient_cost=[rules.measure_cost.output.gradients],
        update_cost=[rules.measure_cost.output.updates],
        records=records_of_study,
    output:
        tables=expand("results/tables/{table}.csv", table=TABLES),
        provenance="results/tables/provenance.json",
        record="results/records/aggregate.json",
    log:
        "results/logs/aggregate.log",
    group:
        allocation("report")
    conda:
        "../../environment.yml"
    params:
        code=code_when_asked("aggregate.py", every_task),
        config=config,
        configfiles=CONFIGFILES,
    script:
        f"{SCRIPTS}/aggregate.py"


rule plot_figures:
    input:
        rules.aggregate.output.tables,
        records=[rules.aggregate.output.record],
    output:
        directory("results/figures/{part}"),
    log:
        "results/logs/plot_figures_{part}.log",
    group:
        allocation("report")
    # The storage plugin of S3 does not see a folder that another machine has made.
    localrule: bool(STORE)
    conda:
        "../../environment.yml"
    params:
        code=code_when_asked("plot_figures.py", every_task),
        config=config,
    script:
        f"{SCRIPTS}/plot_figures.py"


rule write_report:
    input:
        tables=rules.aggregate.output.tables,
        provenance=rules.aggregate.output.provenance,
        figures=expand("results/figures/{part}", part=["_study", *PLAN.by_task]),
        curves=rules.aggregate.input.curves,
        records=[rules.aggregate.output.record, *(record(job) for run in PLAN.runs for job in PLAN.trainings(run))],
        citation=local(CITATION),
    output:
        html="results/report.html",
        answer="results/answer.txt",
    log:
        "results/logs/write_report.log",
    group:
        allocation("report")
    conda:
        "../../environment.yml"
    params:
        code=code_when_asked("write_report.py", every_task),
        variants={file.stem: file.read_text(encoding="utf-8") for file in FILES},
    script:
        f"{SCRIPTS}/write_report.py"


# Asked for by name: a report on what has finished, whatever is missing. It runs nothing else, and reads what lies here.
if not STORE:

    rule partial_report:
        log:
            "results/logs/partial_report.log",
        localrule: True
        conda:
            "../../environment.yml"
        params:
            code=code_when_asked("partial_report.py", every_task),
            variants={file.stem: file.read_text(encoding="utf-8") for file in FILES},
            asked=asked_for,
            config=config,
            configfiles=CONFIGFILES,
            expected=PLAN.expected(),
            citation=CITATION,
        script:
            f"{SCRIPTS}/partial_report.py"
