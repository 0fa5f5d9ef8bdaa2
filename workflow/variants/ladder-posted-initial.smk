# The other order: better initial weights, with the posted gradient.
use rule train as train_ladder_posted_initial with:
    wildcard_constraints:
        variant="ladder-posted-initial",
    params:
        gradient="posted",
        recipe="ladder-initial",
        tasks=["xor"],
