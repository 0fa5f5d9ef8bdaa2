# All of Keras"s recipe, with the posted gradient.
use rule train as train_minibatch_posted with:
    wildcard_constraints:
        variant="minibatch-posted",
    params:
        gradient="posted",
        recipe="controls",
        role={"mnist": "posted", "mnist-14x14": "posted"},
