# Unbiased, the derivative along one random direction.
use rule train as train_rules_forward_gradient with:
    wildcard_constraints:
        variant="rules-forward-gradient",
    params:
        gradient="forward-gradient",
        recipe="rules",
