"""What networks and objectives share: layers, contracts, weights on disk, and the machine under them."""
