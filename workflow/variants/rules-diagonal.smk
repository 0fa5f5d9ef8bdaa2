# Exact RTRL of a network whose units recur by their own weight alone.
use rule train as train_rules_diagonal with:
    wildcard_constraints:
        variant="rules-diagonal",
    params:
        gradient="diagonal",
        recipe="rules",
