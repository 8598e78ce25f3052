"""What a person should know about how a run stands."""

from __future__ import annotations

import streamlit as st

from pages.shared.i18n import _, explain, headed, plain, sentences
from pages.shared.site import page_link
from pages.shared.state import runs_here
from playground.format import exact, fixed, number, perplexity_text
from playground.records import Explosion, Reason, RunRecord, RunStatus


def verdict(run: RunRecord) -> bool:
    """Say what a person should know about how the run stands; False when there is nothing to say."""
    if run.config.is_trap:
        st.warning(
            _(
                "A trap: the second direction reads the text from its end, so it has already seen the "
                "token to be "
                "predicted. The perplexity will look wonderful, and the network cannot write."
            ),
            icon=":material/warning:",
        )
        page_link(
            "directions",
            label=_("Two directions: see why"),
            icon=":material/sync_alt:",
            query_params={"run": run.id, "view": "trap"},
        )
    explosion = runs_here().clipping.explosion(run)
    if explosion is not None:
        st.warning(_exploded(run, explosion), icon=":material/explosion:")
    if run.id in runs_here().with_damaged_weights(run.id):
        st.warning(
            _(
                "The newest weights of this run are missing or damaged. Its earlier ones can be chosen on the other pages; "
                "python -m playground doctor --repair takes damaged ones off its list, once the server is stopped."
            )
        )
    lost = runs_here().lost_curve(run)
    if lost is not None:
        st.info(explain(lost), icon=":material/timeline:")
    if run.reason is None:
        return explosion is not None or lost is not None or run.config.is_trap
    text = explain(run.reason)
    if run.status is RunStatus.FAILED:
        st.error(sentences(text, _way_on(run, run.reason)))
    elif run.status is RunStatus.INTERRUPTED:
        st.warning(sentences(text, _way_on(run, run.reason)))
    else:
        st.warning(text)
    return True


def _way_on(run: RunRecord, reason: Reason) -> str:
    """What to do about a run that ended before its time; Resume only where it can help."""
    missing = runs_here().missing_devices().get(run.config.train.device)
    if not reason.resume or missing is not None:
        told = [] if missing is None or not reason.resume else [explain(missing)]
        told.append(
            _(
                "Resume would end the same way. Choose “Use these settings” in its menu ⋯, change them and press Start."
            )
        )
        return sentences(*told)
    if run.step == 0:
        return _("Press Resume to try again.")
    return _("Press Resume to go on from the last checkpoint.")


def _exploded(run: RunRecord, explosion: Explosion) -> str:
    """Where a loss exploded that stays finite, and why."""
    figures = {
        "epoch": explosion.epoch,
        "loss": fixed(explosion.loss, 1),
        "perplexity": perplexity_text(explosion.loss),
        "n": explosion.vocab_size,
        "guessing": fixed(explosion.guessing, 2),
        "worst": fixed(explosion.worst, 1),
        "worst_perplexity": perplexity_text(explosion.worst),
        "norm": number(explosion.norm),
        "step": exact(explosion.norm_step),
    }
    where = _(
        "Exploded, though every number is still finite: in epoch {epoch} the loss stood at {loss} "
        "nats a token (natural logarithm), a perplexity of e to its power, {perplexity}. Guessing among {n} "
        "tokens costs ln {n} = {guessing} nats."
    )
    worst = (
        _("The worst epoch so far: {worst} nats, {worst_perplexity}.")
        if run.status.is_active
        else _("Its worst epoch: {worst} nats, {worst_perplexity}.")
    )
    why = (
        _(
            "Without clipping one long gradient is one long step: the longest before that epoch "
            "ended, of norm {norm}, came at step {step}."
        )
        if explosion.max_grad_norm is None
        else _(
            "Each step was no longer than its threshold allows; the learning rate makes even that too "
            "long. The longest gradient before that epoch ended, of norm {norm}, came at step "
            "{step}."
        )
    )
    ended = (
        _("It stopped by itself after epoch {last}: nothing better would have come.") if _gave_up(run) else ""
    )
    figures["last"] = exact(run.epoch)
    return plain(sentences(*(sentence.format(**figures) for sentence in (where, worst, why, ended))))


def _gave_up(run: RunRecord) -> bool:
    train = run.config.train
    early = train.epochs is None or run.epoch < train.epochs
    return train.stop_exploded and run.status is RunStatus.FINISHED and early


def of_twin(twin: RunRecord, name: str) -> None:
    """The same about a run that is shown beside another."""
    explosion = runs_here().clipping.explosion(twin)
    told = [] if explosion is None else [_exploded(twin, explosion)]
    if twin.reason is not None:
        told.append(explain(twin.reason))
    if told:
        st.warning(headed(plain(name), sentences(*told)), icon=":material/call_split:")
