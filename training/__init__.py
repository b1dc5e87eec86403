"""LEARNING. Knows engine and games; knows no window."""
