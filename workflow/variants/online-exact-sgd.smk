# The exact gradient with plain gradient descent, at a rate of its own.
use rule train as train_online_exact_sgd with:
    pathvars:
        variant="online-exact-sgd",
    params:
        gradient="rtrl",
        recipe="online",
        change={"optimizer": "sgd", "learning_rate": None},
        tasks=["henon", "mackey-glass", "lorenz"],
