"""What learning to write needs: texts and preferences, language and reward models, learning from rewards."""
