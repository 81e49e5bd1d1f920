"""The two halves of the paper: what each predicts from what."""
