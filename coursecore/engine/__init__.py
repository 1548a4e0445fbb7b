"""The engine: trees, tracing, one rule for each function, backpropagation, checking."""
