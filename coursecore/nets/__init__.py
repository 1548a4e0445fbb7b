"""Networks: activations and losses, layers, linear classifiers, flow graphs, models."""
