"""What playing Connect Four needs beside the general search: a list of its players. It knows no other game."""
