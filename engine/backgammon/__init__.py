"""What playing backgammon needs: afterstates, dice read ahead, the cube, UBGI. It knows no other game."""
