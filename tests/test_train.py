"""`python -m stages.train`, from params.yaml to weights, curves and gradient norms."""
