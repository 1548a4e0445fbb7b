"""Training: optimizers, schedules, the loop, choosing a model, looking at the cost."""
