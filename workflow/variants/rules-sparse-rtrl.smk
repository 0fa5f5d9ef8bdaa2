# RTRL over a sixteenth of the paths, which with 8 units is one. On MNIST's 64 units it would take as long as RTRL.
use rule train as train_rules_sparse_rtrl with:
    wildcard_constraints:
        variant="rules-sparse-rtrl",
    params:
        gradient="sparse-rtrl",
        recipe="rules",
        tasks=["xor"],
