# The exact gradient, which the rules below approximate.
use rule train as train_rules_bptt with:
    wildcard_constraints:
        variant="rules-bptt",
    params:
        gradient="bptt",
        recipe="rules",
