"""How Connect Four looks, in the window and in the terminal. It knows no other game."""
