"""The pipeline: one module a stage, one room a concern, `core` as the ground floor."""
