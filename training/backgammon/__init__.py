"""Backgammon learned from nothing, by temporal differences. It knows no other game."""
