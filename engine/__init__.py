"""PLAYING. Knows games; knows no training and no window."""
