"""The pipeline: one module a stage, one room a concern, `core` as the ground floor."""

import os

# Read once, when torch loads OpenMP: idle threads sleep instead of spinning. Alone a run is as fast;
# beside anything else, such as a second experiment, it is several times faster.
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
