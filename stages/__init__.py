"""The pipeline: one module a stage, one room a concern, `core` as the ground floor."""

import atexit
import gc
import os

# Read once, when torch loads OpenMP: how long a thread without work looks for more before it sleeps. A tenth
# of a millisecond bridges what lies between two layers. Asleep at once it is woken late each time; looking as
# long as it does by itself, it holds up whatever else runs, such as a second experiment. What is not GNU's
# OpenMP does not know the number.
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
os.environ.setdefault("GOMP_SPINCOUNT", "3000")

# What is imported stays to the end: looking through it for garbage, again and again and once more at exit,
# takes a quarter of a short stage. What runs for long turns to `core.heap.sweep`.
gc.set_threshold(1_000_000)
atexit.register(gc.freeze)
