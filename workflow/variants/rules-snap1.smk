# A unit's own past alone; e-prop with symmetric feedback is the same.
use rule train as train_rules_snap1 with:
    wildcard_constraints:
        variant="rules-snap1",
    params:
        gradient="snap1",
        recipe="rules",
