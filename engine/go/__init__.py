"""What playing Go needs beside the general search: a policy alone, GTP, reviews. It knows no other game."""
