# A trace that fades at a rate of its own, whatever the units do: 1 - 1/tau of tau = 10.
use rule train as train_online_rflo with:
    wildcard_constraints:
        variant="online-rflo",
    params:
        gradient="rflo(share=0.9)",
        recipe="online",
        tasks=["henon", "mackey-glass", "lorenz", "add"],
