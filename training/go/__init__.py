"""What Go learns from: expert games. It knows no other game."""
