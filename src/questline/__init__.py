"""Questline: game telemetry in, right numbers out."""
