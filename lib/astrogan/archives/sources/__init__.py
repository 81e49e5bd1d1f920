"""What can be listed: each archive by name, with its parameters. `astrogan data list` takes these."""

from astrogan.archives.sources.registry import SOURCES, Source, query, source

__all__ = ["SOURCES", "Source", "query", "source"]
