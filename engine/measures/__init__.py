"""How fast this machine is, and whether everything on it works. It plays no game."""
