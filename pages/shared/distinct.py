"""Labels that can be told apart, as the engine tells them: for boxes of choices."""

from playground.distinct import distinct

__all__ = ["distinct"]
