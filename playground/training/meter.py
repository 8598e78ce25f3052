"""Training time and speed, without the pauses."""

from __future__ import annotations

from collections.abc import Callable

_WINDOW_SECONDS = 1.0


class SpeedMeter:
    """Counts tokens and the seconds between `start` and `stop`.

    Args:
        clock: Gives seconds from any start.
    """

    def __init__(self, clock: Callable[[], float]) -> None:
        self.tokens = 0
        self._clock = clock
        self._before = 0.0
        self._since: float | None = None
        self._window_seconds = 0.0
        self._window_tokens = 0
        self._rate: float | None = None

    @property
    def seconds(self) -> float:
        """Training time so far."""
        running = 0.0 if self._since is None else self._clock() - self._since
        return self._before + running

    @property
    def tokens_per_second(self) -> float:
        """Over the last second or so; 0 before the first token."""
        elapsed = self.seconds - self._window_seconds
        fresh = self.tokens - self._window_tokens
        if elapsed >= _WINDOW_SECONDS:
            self._rate = fresh / elapsed
            self._window_seconds, self._window_tokens = self.seconds, self.tokens
        if self._rate is None:
            return fresh / elapsed if elapsed > 0 else 0.0
        return self._rate

    def load(self, seconds: float, tokens: int) -> None:
        """Go on from a checkpoint's counts."""
        self._before, self.tokens = seconds, tokens
        self._window_seconds, self._window_tokens = seconds, tokens

    def start(self) -> None:
        """Count time from now on."""
        self._since = self._clock()

    def stop(self) -> None:
        """Stop counting time."""
        self._before, self._since = self.seconds, None

    def count(self, tokens: int) -> None:
        """Add tokens that were trained on."""
        self.tokens += tokens
