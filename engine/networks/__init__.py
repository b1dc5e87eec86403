"""Networks that judge positions: what runs them, what they are made of. It knows no game."""
