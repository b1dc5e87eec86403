"""How Connect Four is measured: tournaments, and positions whose right moves are known. It knows no other game."""
