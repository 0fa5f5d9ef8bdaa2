# Unbiased, one Kronecker product.
use rule train as train_rules_kf_rtrl with:
    wildcard_constraints:
        variant="rules-kf-rtrl",
    params:
        gradient="kf-rtrl",
        recipe="rules",
