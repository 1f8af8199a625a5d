"""Ready mappings for foreign exports, one TOML file each."""
