# A learnt kernel in place of the Jacobian.
use rule train as train_rules_kernl with:
    wildcard_constraints:
        variant="rules-kernl",
    params:
        gradient="kernl",
        recipe="rules",
