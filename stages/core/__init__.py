"""The ground floor: params, paths, files, splits, seeds and contracts. It knows no network."""
