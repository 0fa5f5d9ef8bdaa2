# Unbiased, rank one.
use rule train as train_rules_uoro with:
    wildcard_constraints:
        variant="rules-uoro",
    params:
        gradient="uoro",
        recipe="rules",
