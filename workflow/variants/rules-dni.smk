# A learnt prediction of the gradient to come.
use rule train as train_rules_dni with:
    wildcard_constraints:
        variant="rules-dni",
    params:
        gradient="dni",
        recipe="rules",
