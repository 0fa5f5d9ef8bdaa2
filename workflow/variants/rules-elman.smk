# One-step truncation; without a leak RFLO is the same.
use rule train as train_rules_elman with:
    wildcard_constraints:
        variant="rules-elman",
    params:
        gradient="elman",
        recipe="rules",
