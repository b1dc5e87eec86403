"""The lab in the window: small worlds whose answers are known, and how their values are learned. It knows no game."""
