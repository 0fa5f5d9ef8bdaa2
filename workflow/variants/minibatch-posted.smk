# All of Keras"s recipe, with the posted gradient.
use rule train as train_minibatch_posted with:
    pathvars:
        variant="minibatch-posted",
    params:
        gradient="posted",
        recipe="controls",
        role={"mnist": "posted", "mnist-14x14": "posted"},
