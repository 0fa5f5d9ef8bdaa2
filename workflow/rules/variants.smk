# Every file in workflow/variants is a variant, under the name of the file.
FILES = sorted((WORKFLOW / "variants").glob("[!.]*.smk"))
try:
    check_variants(FILES)
except SettingsError as error:
    raise WorkflowError(str(error))
for file in FILES:

    include: f"../variants/{file.name}"


try:
    said = {file.stem: dict(getattr(rules, rule_name(file.stem)).params.items()) for file in FILES}
    PLAN = Plan(config, SCHEMA, said)
    PLAN.check()
except SettingsError as error:
    raise WorkflowError(str(error))
