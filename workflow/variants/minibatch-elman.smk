# One-step truncation in Keras"s recipe.
use rule train as train_minibatch_elman with:
    wildcard_constraints:
        variant="minibatch-elman",
    params:
        gradient="elman",
        recipe="controls",
        tasks=["mnist"],
