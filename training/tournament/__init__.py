"""Who meets whom, and who is stronger. It knows no game: each game's arena does."""
