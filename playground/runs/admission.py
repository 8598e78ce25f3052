"""Whether a person may start a run: how many they have, what these take on the disk, and how long it would train.

The machine's owner, who is nobody's guest, has no limit of this kind.
"""

from __future__ import annotations

from playground.config import RunConfig
from playground.errors import LimitReached, gettext_noop
from playground.records import Reason
from playground.runs.challenge_rules import require_allowed
from playground.runs.memory_check import MemoryCheck
from playground.runs.time_check import TimeCheck
from playground.store.challenges import require_open
from playground.store.keeping import MEGABYTE
from playground.store.run_store import RunStore

_MINUTE = 60.0
_TOLD_SECONDS = 120.0
"""Of training from which it is told."""
_HOURS_FROM = 120
"""Minutes."""
_TOLD_SHARE = 0.8
"""Of a person's budget on the disk from which it is told."""


class Admission:
    """Asked before a run is started or goes on. Every method may be called from any thread.

    Args:
        store: Keeps the runs and the limits.
        memory: Knows how large a run's checkpoints will be.
        time: Knows how long a run will take.
    """

    def __init__(self, store: RunStore, memory: MemoryCheck, time: TimeCheck) -> None:
        self._store = store
        self._memory = memory
        self._time = time

    def told(self, config: RunConfig, owner: str | None) -> list[Reason]:
        """What a person should know of the limits before such a run is started.

        Raises:
            CorpusError: The text does not exist.
            StoreError: The database cannot be read now.
        """
        if owner is None:
            return []
        told = self._told_of_time(config)
        budget, thinned = self._store.shares.budget(owner), self._store.shares.thinned(owner)
        if budget is None:
            return told
        if thinned is not None:
            told.append(
                Reason(
                    gettext_noop(
                        "Checkpoints in between were removed from your oldest runs ({count}, {size:.0f} MB), so that your "
                        "runs stay within the {budget:.0f} MB that a person has here. First, last and best ones stay."
                    ),
                    {
                        "count": thinned.checkpoints,
                        "size": thinned.bytes / MEGABYTE,
                        "budget": budget / MEGABYTE,
                    },
                )
            )
        used = self._store.shares.bytes_of(owner)
        if used + self._memory.least_on_disk(config) > _TOLD_SHARE * budget:
            told.append(
                Reason(
                    gettext_noop(
                        "Your runs take {used:.0f} MB of the {budget:.0f} MB that a person has here. Beyond it, checkpoints "
                        "in between are removed from your oldest runs; first, last and best ones stay."
                    ),
                    {"used": used / MEGABYTE, "budget": budget / MEGABYTE},
                )
            )
        return told

    def require(self, config: RunConfig, owner: str | None) -> None:
        """Make sure that a person may start such a run at all; older runs make room for its weights.

        Raises:
            LimitReached: It takes longer than the server allows, or its weights do not fit.
            CorpusError: The text does not exist.
            StoreError: The database cannot be used now.
        """
        if owner is not None:
            self._require_time(config)
            self._require_disk(config, owner)

    def _told_of_time(self, config: RunConfig) -> list[Reason]:
        epoch, epochs = self._time.epoch_seconds(config), config.train.epochs
        if epoch is None or epochs is None or epoch * epochs < _TOLD_SECONDS:
            return []
        minutes = epoch * epochs / _MINUTE
        if minutes < _HOURS_FROM:
            sentence = gettext_noop("This set-up trains for about {minutes:.0f} minutes when it is alone.")
            return [Reason(sentence, {"minutes": minutes})]
        sentence = gettext_noop("This set-up trains for about {hours:.1f} hours when it is alone.")
        return [Reason(sentence, {"hours": minutes / 60})]

    def _require_time(self, config: RunConfig) -> None:
        most, epochs = self._store.settings.get().run_minutes, config.train.epochs
        epoch = None if most is None or epochs is None else self._time.epoch_seconds(config)
        if most is None or epochs is None or epoch is None or epoch * epochs <= most * _MINUTE:
            return
        fitting = int(most * _MINUTE / epoch)
        params = {"minutes": epoch * epochs / _MINUTE, "most": most, "epochs": fitting}
        if fitting:
            raise LimitReached(
                "This set-up trains for about {minutes:.0f} minutes when it is alone, and a run has {most:g} here. Choose "
                "{epochs:,} epochs or fewer, fewer hidden units or a shorter text.",
                **params,
            )
        raise LimitReached(
            "This set-up trains for about {minutes:.0f} minutes when it is alone, and a run has {most:g} here. Not even one "
            "epoch fits: choose fewer hidden units or a shorter text.",
            **params,
        )

    def _require_disk(self, config: RunConfig, owner: str | None) -> None:
        """Make sure that a run's weights fit into what its owner has on the disk; older runs make room for it.

        Raises:
            LimitReached: They do not, however much older runs are thinned: then none is.
            StoreError: The database cannot be used now.
        """
        shares, budget = self._store.shares, self._store.shares.budget(owner)
        if owner is None or budget is None:
            return
        needed = self._memory.least_on_disk(config)
        params = {"needed": needed / MEGABYTE, "budget": budget / MEGABYTE}
        if needed > budget:
            raise LimitReached(
                "The weights of this set-up take about {needed:.0f} MB on the disk, and a person has {budget:.0f} MB here. "
                "Choose fewer hidden units.",
                **params,
            )
        used = shares.bytes_of(owner)
        if used + needed <= budget:
            return
        if used - shares.removable(owner) + needed > budget:
            raise LimitReached(
                "Your runs take {used:.0f} MB of the {budget:.0f} MB that a person has here, and this one needs about "
                "{needed:.0f} MB more. Delete some of your runs, or choose fewer hidden units.",
                used=used / MEGABYTE,
                **params,
            )
        shares.thin(owner, budget - needed)

    def require_challenge(self, config: RunConfig, id: str | None) -> None:
        """Make sure that such a run may be started in a challenge.

        Args:
            config: The settings of the run.
            id: Of the challenge; None of none.

        Raises:
            ChallengeNotFound: There is no such challenge.
            ChallengeEnded: No run can be started in it any more.
            ConfigError: It reads another text than the challenge's.
            LimitReached: The network has more parameters than it allows, told with the most hidden units that fit.
        """
        if id is None:
            return
        challenge = self._store.challenges.get(id)
        require_open(challenge)
        require_allowed(challenge, config)

    def require_turn(self, owner: str | None, count: int) -> None:
        """Make sure that a person may have one more run that waits or trains.

        Args:
            owner: Whose it is to be.
            count: Runs of theirs that wait, train, or pause with their worker.

        Raises:
            LimitReached: They have as many as the server allows.
        """
        most = self._store.settings.get().runs_per_person
        if owner is not None and most is not None and count >= most:
            raise LimitReached(
                "Runs of yours that wait, train or were paused just now: {count}. This server allows a person {most} at the same time: stop one, "
                "or wait until one has ended.",
                count=count,
                most=most,
            )


def require_texts(count: int, most: int | None) -> None:
    """Make sure that a person may add one more text.

    Args:
        count: Texts that are theirs.
        most: `texts_per_person`; None for no limit, as for the machine's owner.

    Raises:
        LimitReached: They have as many as the server allows.
    """
    if most is not None and count >= most:
        raise LimitReached(
            "Texts that you have added: {count}. This server allows a person {most}: remove one that no run reads, or "
            "use one that is here.",
            count=count,
            most=most,
        )
