# Every loss goes back through the last seven steps.
use rule train as train_rules_tbptt with:
    pathvars:
        variant="rules-tbptt",
    params:
        gradient="tbptt",
        recipe="rules",
