"""The engine: trees, tracing, one rule for each function, backpropagation, checking."""

import numpy as np

# The C library of Linux hands freed memory back to the system once more than a threshold
# lies idle, and a training step that frees more than that pays for every page again in the
# next step. The threshold grows with the largest block that was ever freed: so free one,
# of 32 MiB, the largest that counts. It is never touched, so it costs no memory.
np.empty(2**25 - 2**13, dtype=np.uint8)
