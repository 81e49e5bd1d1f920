"""The book: staging, rendering, printing, publishing."""
