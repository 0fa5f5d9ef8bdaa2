# A unit's own past, credited through random feedback.
use rule train as train_rules_eprop_random with:
    wildcard_constraints:
        variant="rules-eprop-random",
    params:
        gradient="eprop-random",
        recipe="rules",
