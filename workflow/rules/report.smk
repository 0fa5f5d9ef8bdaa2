# From runs to tables, from tables to figures, from both to the page.
rule aggregate:
    input:
        curves=of_runs("results/runs/{task}/{variant}/curves.csv"),
        provenance=of_runs("results/runs/{task}/{variant}/run.json"),
        diagnostics=of_runs("results/trial/diagnostics/{task}/{variant}.csv"),
        verdicts="results/trial/verdicts.csv",
        paths="results/trial/paths.csv",
        yardstick="results/trial/yardstick.csv",
        lockstep=there(f"results/trial/lockstep/{task}.csv" for task in beside_keras()),
        staleness=there(of_tasks("results/trial/staleness/{task}.csv")),
        along=there(f"results/trial/along/{task}.csv" for task in EXACT),
        gradient_cost=there([rules.measure_cost.output.gradients]),
        update_cost=there([rules.measure_cost.output.updates]),
    output:
        tables=expand("results/tables/{table}.csv", table=TABLES),
        provenance="results/tables/provenance.json",
    log:
        "results/logs/aggregate.log",
    conda:
        "../../environment.yml"
    params:
        code=code(*TELLING),
        config=config,
        configfiles=[os.path.relpath(file) for file in workflow.overwrite_configfiles],
        missing=MISSING,
    script:
        f"{SCRIPTS}/aggregate.py"


rule plot_figures:
    input:
        rules.aggregate.output.tables,
    output:
        directory("results/figures/{part}"),
    log:
        "results/logs/plot_figures_{part}.log",
    conda:
        "../../environment.yml"
    params:
        code=code(*TELLING, "figures"),
        config=config,
    script:
        f"{SCRIPTS}/plot_figures.py"


rule write_report:
    input:
        tables=rules.aggregate.output.tables,
        provenance=rules.aggregate.output.provenance,
        figures=expand("results/figures/{part}", part=["_study", *dict(RUNS)]),
        curves=rules.aggregate.input.curves,
        citation=CITATION,
    output:
        html="results/report.html",
        answer="results/answer.txt",
    log:
        "results/logs/write_report.log",
    conda:
        "../../environment.yml"
    params:
        code=code(*TELLING, "figures", "report"),
    script:
        f"{SCRIPTS}/write_report.py"
