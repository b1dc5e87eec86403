"""Records and positions as files and text. Formats know the rules; the rules know no format."""
