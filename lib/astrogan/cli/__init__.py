"""The `astrogan` command."""
