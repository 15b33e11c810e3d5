"""Post-processors on saved probabilities: applied, and tuned."""
