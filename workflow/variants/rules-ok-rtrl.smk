# Unbiased, the best sum of two Kronecker products.
use rule train as train_rules_ok_rtrl with:
    wildcard_constraints:
        variant="rules-ok-rtrl",
    # It takes long, so it goes first.
    priority: 1
    params:
        gradient="ok-rtrl",
        recipe="rules",
