# The twin of rules-bptt in Keras.
use rule train as train_rules_keras with:
    wildcard_constraints:
        variant="rules-keras",
    # Replicates train one after the other, so it goes first.
    priority: 1
    params:
        library="keras",
        gradient="bptt",
        recipe="rules",
