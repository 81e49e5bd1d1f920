"""Profiles -> stages -> executed notebooks: what the Snakefile runs, and when it must run again."""
