"""The paper's claims, tested on our numbers."""
