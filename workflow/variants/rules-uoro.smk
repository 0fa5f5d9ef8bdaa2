# Unbiased, rank one.
use rule train as train_rules_uoro with:
    pathvars:
        variant="rules-uoro",
    params:
        gradient="uoro",
        recipe="rules",
