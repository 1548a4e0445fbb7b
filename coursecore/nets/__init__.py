"""Networks: activations and losses, layers, optimizers, the training loop."""
