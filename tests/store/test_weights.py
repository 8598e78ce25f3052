"""Checkpoints on disk."""

import numpy as np
import pytest
import torch
from safetensors.numpy import save_file

from playground.errors import StoreError
from playground.store.weights import is_sound, load_arrays, load_training, load_weights, save_checkpoint
from playground.training.events import CheckpointReady
from tests.helpers import only, same_bits, tiny_config, train


@pytest.fixture(scope="module", params=[("lstm", "adamw"), ("gru", "sgd"), ("rnn", "adamw")])
def checkpoint(request) -> CheckpointReady:
    cell, optimizer = request.param
    config = tiny_config(cell=cell, optimizer=optimizer, lr=0.01, epochs=1, bidirectional=cell == "rnn")
    return only(CheckpointReady, train(config))[-1]


def test_a_checkpoint_comes_back_bit_for_bit(tmp_path, checkpoint):
    weights_file, training_file = save_checkpoint(tmp_path / "new", checkpoint, "abc")
    assert same_bits(load_weights(tmp_path / "new" / weights_file), dict(checkpoint.weights))
    tensors, progress, sha256 = load_training(tmp_path / "new" / training_file)
    assert same_bits(tensors, dict(checkpoint.training))
    assert progress == checkpoint.progress
    assert sha256 == "abc"
    assert all(tensors[name].dtype == value.dtype for name, value in checkpoint.training.items())


def test_arrays_are_the_same_weights_without_torch(tmp_path, checkpoint):
    file = tmp_path / save_checkpoint(tmp_path, checkpoint, "abc")[0]
    arrays = load_arrays(file)
    assert same_bits({name: torch.tensor(array) for name, array in arrays.items()}, load_weights(file))
    with pytest.raises(StoreError, match="cannot be read"):
        load_arrays(tmp_path / "nothing")


def test_saving_leaves_two_files_and_nothing_half_written(tmp_path, checkpoint):
    files = save_checkpoint(tmp_path, checkpoint, "abc")
    assert sorted(file.name for file in tmp_path.iterdir()) == sorted(files)


def test_file_names_sort_by_step(tmp_path, checkpoint):
    from dataclasses import replace

    names = [
        save_checkpoint(tmp_path, replace(checkpoint, step=step), "abc")[0] for step in (9, 10, 100_000_000)
    ]
    assert names == sorted(names)


def test_anybody_can_read_the_weights_without_this_project(tmp_path, checkpoint):
    from safetensors.torch import load_file

    file, _ = save_checkpoint(tmp_path, checkpoint, "abc")
    assert same_bits(load_file(tmp_path / file), dict(checkpoint.weights))


@pytest.mark.parametrize("keep", [0, 3, 8, 100, -1])
def test_a_damaged_file_is_told_by_name(tmp_path, checkpoint, keep):
    for name, load in zip(
        save_checkpoint(tmp_path, checkpoint, "abc"), (load_weights, load_training), strict=True
    ):
        file = tmp_path / name
        file.write_bytes(file.read_bytes()[:keep])
        with pytest.raises(StoreError, match=name):
            load(file)


def test_a_missing_file_is_told_by_name(tmp_path):
    with pytest.raises(StoreError, match=r"gone\.safetensors"):
        load_weights(tmp_path / "gone.safetensors")


def test_a_file_that_is_no_training_state_is_a_store_error(tmp_path, checkpoint):
    weights_file, _ = save_checkpoint(tmp_path, checkpoint, "abc")
    with pytest.raises(StoreError):
        load_training(tmp_path / weights_file)


def test_a_pickle_is_never_read(tmp_path):
    torch.save({"a": torch.ones(2)}, tmp_path / "evil.safetensors")
    with pytest.raises(StoreError):
        load_weights(tmp_path / "evil.safetensors")


def test_a_disk_that_refuses_says_what_to_do(tmp_path, checkpoint):
    (tmp_path / "in-the-way").write_text("not a folder")
    with pytest.raises(StoreError, match="then resume the run"):
        save_checkpoint(tmp_path / "in-the-way", checkpoint, "abc")


def test_a_flipped_bit_of_a_weight_is_told_whatever_number_it_makes(tmp_path, checkpoint):
    file = tmp_path / save_checkpoint(tmp_path, checkpoint, "abc")[0]
    whole = file.read_bytes()
    begin = 8 + int.from_bytes(whole[:8], "little")
    for place in (begin, (begin + len(whole)) // 2, len(whole) - 1):
        for bit in (0, 7):
            spoilt = bytearray(whole)
            spoilt[place] ^= 1 << bit
            file.write_bytes(spoilt)
            assert not is_sound(file)
            with pytest.raises(StoreError, match="not those that were written"):
                load_arrays(file)
            with pytest.raises(StoreError, match="not those that were written"):
                load_weights(file)
    file.write_bytes(whole)
    assert is_sound(file)


def test_a_file_from_before_checksums_is_damaged_where_its_numbers_are_none_and_its_run_never_diverged(
    tmp_path,
):
    file = tmp_path / "step-000000001.weights.safetensors"
    save_file({"a": np.array([1.0, np.nan], dtype=np.float32)}, file)
    assert is_sound(file, has_diverged=True)
    assert not is_sound(file, has_diverged=False)
    with pytest.raises(StoreError, match="some are no numbers"):
        load_arrays(file, has_diverged=False)


def test_a_damaged_head_is_told_without_a_librarys_words(tmp_path, checkpoint):
    file = tmp_path / save_checkpoint(tmp_path, checkpoint, "abc")[0]
    file.write_bytes(b"\xff" * 16 + file.read_bytes()[16:])
    with pytest.raises(StoreError, match=r"cannot be read \(the file is damaged\)"):
        load_arrays(file)
