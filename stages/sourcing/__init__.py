"""What sources share: fetching, unpacking, holding out and measuring."""
