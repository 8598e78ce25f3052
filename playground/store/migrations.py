"""The database's shape: an append-only list. Never change a step that has landed; add one."""

from __future__ import annotations

import sqlite3

MIGRATIONS: list[str] = [
    """
    CREATE TABLE runs (
        id TEXT PRIMARY KEY,
        name TEXT NOT NULL,
        config TEXT NOT NULL,
        status TEXT NOT NULL,
        reason TEXT,
        created_at REAL NOT NULL,
        revision INTEGER NOT NULL DEFAULT 0,
        owner TEXT,
        machine TEXT,
        vocab TEXT,
        step INTEGER NOT NULL DEFAULT 0,
        epoch REAL NOT NULL DEFAULT 0,
        seconds REAL NOT NULL DEFAULT 0,
        tokens INTEGER NOT NULL DEFAULT 0,
        train_loss REAL,
        heldout_loss REAL,
        step_loss REAL,
        speed REAL
    );
    CREATE INDEX runs_by_time ON runs (created_at);
    CREATE TABLE steps (
        run_id TEXT NOT NULL REFERENCES runs ON DELETE CASCADE,
        seq INTEGER NOT NULL,
        step INTEGER NOT NULL,
        epoch REAL NOT NULL,
        loss REAL NOT NULL,
        grad_norm REAL,
        clipped INTEGER NOT NULL,
        tokens_per_second REAL NOT NULL,
        seconds REAL NOT NULL,
        PRIMARY KEY (run_id, seq)
    ) WITHOUT ROWID;
    CREATE TABLE epochs (
        run_id TEXT NOT NULL REFERENCES runs ON DELETE CASCADE,
        seq INTEGER NOT NULL,
        step INTEGER NOT NULL,
        epoch INTEGER NOT NULL,
        train_loss REAL NOT NULL,
        heldout_loss REAL,
        seconds REAL NOT NULL,
        PRIMARY KEY (run_id, seq)
    ) WITHOUT ROWID;
    CREATE TABLE samples (
        run_id TEXT NOT NULL REFERENCES runs ON DELETE CASCADE,
        seq INTEGER NOT NULL,
        step INTEGER NOT NULL,
        epoch REAL NOT NULL,
        prefix TEXT NOT NULL,
        text TEXT NOT NULL,
        PRIMARY KEY (run_id, seq)
    ) WITHOUT ROWID;
    CREATE TABLE checkpoints (
        run_id TEXT NOT NULL REFERENCES runs ON DELETE CASCADE,
        step INTEGER NOT NULL,
        epoch REAL NOT NULL,
        kept INTEGER NOT NULL,
        weights_file TEXT NOT NULL,
        training_file TEXT,
        PRIMARY KEY (run_id, step)
    ) WITHOUT ROWID;
    """,
    # what each gradient was shortened to, instead of only whether; and thresholds that were moved on the way
    """
    CREATE TABLE thresholds (
        run_id TEXT NOT NULL REFERENCES runs ON DELETE CASCADE,
        seq INTEGER NOT NULL,
        step INTEGER NOT NULL,
        epoch REAL NOT NULL,
        max_grad_norm REAL,
        PRIMARY KEY (run_id, seq)
    ) WITHOUT ROWID;
    ALTER TABLE steps ADD COLUMN scale REAL NOT NULL DEFAULT 1;
    UPDATE steps SET scale = coalesce(
        (SELECT json_extract(config, '$.train.max_grad_norm') FROM runs WHERE id = run_id) / grad_norm, 0
    ) WHERE clipped;
    ALTER TABLE steps DROP COLUMN clipped;
    """,
    # the field's words: what a run trains on are facts, and a sentence has parameters
    """
    ALTER TABLE runs RENAME COLUMN machine TO facts;
    UPDATE runs SET reason = json_object(
        'message', json_extract(reason, '$.message'), 'params', json_extract(reason, '$.figures')
    ) WHERE reason IS NOT NULL;
    """,
    # how many characters a text's tokens hold, and how many tokens are <unk>: by character both follow from
    # what is known (where the vocabulary is smaller than it may be, it has every character)
    """
    UPDATE runs SET facts = json_set(
        facts,
        '$.train_characters', json_extract(facts, '$.train_tokens'),
        '$.heldout_characters', json_extract(facts, '$.heldout_tokens')
    ) WHERE facts IS NOT NULL AND coalesce(json_extract(config, '$.corpus.token_level'), 'char') = 'char';
    UPDATE runs SET facts = json_set(facts, '$.train_unknown', 0, '$.heldout_unknown', 0)
    WHERE facts IS NOT NULL AND coalesce(json_extract(config, '$.corpus.token_level'), 'char') = 'char'
        AND json_extract(facts, '$.vocab_size') < coalesce(json_extract(config, '$.corpus.max_vocab'), 5000);
    """,
    # what is older than the newest points of a long curve, as `buckets.py` says; and what a checkpoint's weights reach
    """
    CREATE TABLE step_buckets (
        run_id TEXT NOT NULL REFERENCES runs ON DELETE CASCADE,
        width INTEGER NOT NULL,
        first_seq INTEGER NOT NULL,
        seq INTEGER NOT NULL,
        first_step INTEGER NOT NULL,
        step INTEGER NOT NULL,
        first_epoch REAL NOT NULL,
        epoch REAL NOT NULL,
        points INTEGER NOT NULL,
        loss_min REAL NOT NULL,
        loss_min_at INTEGER NOT NULL,
        loss_max REAL NOT NULL,
        loss_max_at INTEGER NOT NULL,
        loss_mean REAL NOT NULL,
        loss_count INTEGER NOT NULL,
        grad_norm_min REAL NOT NULL,
        grad_norm_min_at INTEGER NOT NULL,
        grad_norm_max REAL NOT NULL,
        grad_norm_max_at INTEGER NOT NULL,
        grad_norm_mean REAL NOT NULL,
        grad_norm_count INTEGER NOT NULL,
        clipped INTEGER NOT NULL,
        scale_sum REAL NOT NULL,
        tokens_per_second REAL NOT NULL,
        seconds REAL NOT NULL,
        PRIMARY KEY (run_id, seq)
    ) WITHOUT ROWID;
    CREATE TABLE epoch_buckets (
        run_id TEXT NOT NULL REFERENCES runs ON DELETE CASCADE,
        width INTEGER NOT NULL,
        first_seq INTEGER NOT NULL,
        seq INTEGER NOT NULL,
        first_epoch INTEGER NOT NULL,
        epoch INTEGER NOT NULL,
        points INTEGER NOT NULL,
        train_loss_min REAL NOT NULL,
        train_loss_min_at INTEGER NOT NULL,
        train_loss_max REAL NOT NULL,
        train_loss_max_at INTEGER NOT NULL,
        train_loss_mean REAL NOT NULL,
        train_loss_count INTEGER NOT NULL,
        heldout_loss_min REAL NOT NULL,
        heldout_loss_min_at INTEGER NOT NULL,
        heldout_loss_max REAL NOT NULL,
        heldout_loss_max_at INTEGER NOT NULL,
        heldout_loss_mean REAL NOT NULL,
        heldout_loss_count INTEGER NOT NULL,
        step INTEGER NOT NULL,
        seconds REAL NOT NULL,
        PRIMARY KEY (run_id, seq)
    ) WITHOUT ROWID;
    ALTER TABLE checkpoints ADD COLUMN loss REAL;
    UPDATE checkpoints SET loss = (
        SELECT coalesce(heldout_loss, train_loss) FROM epochs
        WHERE epochs.run_id = checkpoints.run_id AND epochs.step = checkpoints.step
    );
    """,
    # whose a run is (what stood there was whoever trained it), a deletion that can be undone, the people of a class,
    # and what a teacher has set while the server runs
    """
    UPDATE runs SET owner = NULL;
    ALTER TABLE runs ADD COLUMN deleted_at REAL;
    CREATE TABLE people (
        number INTEGER PRIMARY KEY,
        id TEXT NOT NULL UNIQUE,
        name TEXT NOT NULL DEFAULT '',
        teacher_key TEXT,
        join_code TEXT
    );
    CREATE TABLE server_settings (
        name TEXT PRIMARY KEY,
        value TEXT NOT NULL
    ) WITHOUT ROWID;
    """,
    # browsers that have logged in, told by a hash, and whether they have logged out again
    """
    CREATE TABLE logins (
        id TEXT PRIMARY KEY,
        person TEXT NOT NULL,
        since REAL NOT NULL,
        ended INTEGER NOT NULL DEFAULT 0
    ) WITHOUT ROWID;
    """,
    # challenges with the board of each that has ended, the runs that were started in them, and the best that each has
    # reached in time: a curve that is thinned does not tell any more what was reached when
    """
    CREATE TABLE challenges (
        id TEXT PRIMARY KEY,
        title TEXT NOT NULL,
        corpus TEXT NOT NULL,
        vocab_size INTEGER NOT NULL,
        most_parameters INTEGER,
        most_minutes REAL,
        made_at REAL NOT NULL,
        ended_at REAL,
        board TEXT
    );
    CREATE TABLE challenge_runs (
        run_id TEXT PRIMARY KEY REFERENCES runs ON DELETE CASCADE,
        challenge_id TEXT NOT NULL,
        best_loss REAL,
        best_seconds REAL
    ) WITHOUT ROWID;
    CREATE INDEX challenge_runs_by_challenge ON challenge_runs (challenge_id);
    """,
]


def migrate(connection: sqlite3.Connection) -> None:
    """Bring a database up to date, one step a transaction; `user_version` counts the steps done.

    The version is read inside the transaction: two processes may open a new directory at once.
    """
    while _version(connection) < len(MIGRATIONS):
        connection.execute("BEGIN IMMEDIATE")
        try:
            done = _version(connection)
            for statement in MIGRATIONS[done].split(";") if done < len(MIGRATIONS) else ():
                connection.execute(statement)
            if done < len(MIGRATIONS):
                connection.execute(f"PRAGMA user_version = {done + 1:d}")
            connection.execute("COMMIT")
        except BaseException:
            connection.execute("ROLLBACK")
            raise


def _version(connection: sqlite3.Connection) -> int:
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    return int(version)
