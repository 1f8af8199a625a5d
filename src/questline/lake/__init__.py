"""The lake: Delta tables, the ledger, and publication of one version of everything."""
