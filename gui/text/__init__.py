"""How writing looks in the terminal. It knows no other game."""
