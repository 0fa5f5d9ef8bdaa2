# Every loss goes back through the last seven steps.
use rule train as train_rules_tbptt with:
    wildcard_constraints:
        variant="rules-tbptt",
    params:
        gradient="tbptt",
        recipe="rules",
