# The control without recurrence in Keras"s recipe.
use rule train as train_minibatch_mlp with:
    wildcard_constraints:
        variant="minibatch-mlp",
    params:
        gradient="mlp",
        recipe="controls",
        tasks=["mnist"],
        role={"mnist": "no-memory"},
