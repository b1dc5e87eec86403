"""SEEING. Knows engine and games; knows no training."""
