"""Text as a game: a prompt is a start, a token is a move. It knows no language model and no reward."""
