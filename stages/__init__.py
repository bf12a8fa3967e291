"""The pipeline: one module a stage, one room a concern, `core` as the ground floor."""

import atexit
import gc
import os

# Read once, when torch loads OpenMP: idle threads sleep instead of spinning. Alone a run is as fast;
# beside anything else, such as a second experiment, it is several times faster.
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")

# What is imported stays to the end: looking through it for garbage, again and again and once more at exit,
# takes a fifth of a short stage.
gc.set_threshold(50_000)
atexit.register(gc.freeze)
