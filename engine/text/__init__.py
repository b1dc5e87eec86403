"""What writing text needs: language models, decoders, rewards. It knows no other game."""
