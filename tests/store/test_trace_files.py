"""Traces on disk: whole or not there, within their limit, and never in anybody's way."""

import errno
import os

import numpy as np
import pytest

from playground.errors import StoreError
from playground.store import leftovers, trace_files
from playground.store.trace_files import TraceFiles, forget_traces


@pytest.fixture
def files(store) -> TraceFiles:
    return TraceFiles(store.directory, store.space, most=10_000)


def keep(files, run="abc", name="1", numbers=1_000, value=0.5):
    notes = {"seam": 0.25}
    with files.writing(run, name, notes) as allocate:
        allocate((2, numbers // 2))[:] = value


def test_what_is_kept_is_found_with_its_figures(files):
    keep(files)
    array, notes = files.find("abc", "1")
    assert (array == 0.5).all()
    assert notes == {"seam": 0.25, "shape": [2, 500]}
    assert files.find("abc", "2") is None
    assert files.find("other", "1") is None


def test_one_that_ends_early_leaves_nothing(files, store):
    with pytest.raises(ValueError, match="no"), files.writing("abc", "1", {}) as allocate:
        allocate((2, 5))
        raise ValueError("no")
    assert files.find("abc", "1") is None
    assert not [file for file in store.directory.glob("cache/traces/*/*") if file.is_file()]


def test_a_disk_that_refuses_is_told(files, monkeypatch):
    def full(*_args, **_more):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(trace_files, "_fill", full)
    with pytest.raises(StoreError, match="cannot be kept on the disk"):
        keep(files)
    assert not [file for file in files._folder.glob("*/*") if file.is_file()]


def test_the_room_is_taken_before_a_byte_is_mapped(files, store):
    """Were it a hole that finds no room when it is filled, the whole process would end."""
    with files.writing("abc", "1", {}) as allocate:
        array = allocate((2, 1_000))
        (part,) = store.directory.glob("cache/traces/abc/*.part")
        assert part.stat().st_blocks * 512 >= array.nbytes
        array[:] = 1


def test_what_a_crash_has_left_is_swept(files, store):
    half = store.directory / "cache" / "traces" / "abc" / "1.npy.0a.part"
    half.parent.mkdir(parents=True)
    half.write_bytes(b"half")
    os.utime(half, (1_000_000, 1_000_000))
    leftovers.sweep(store.directory, store.library.directory)
    assert not half.exists()


@pytest.mark.parametrize("damage", [b"", b"\x93NUMPY", b"PK\x03\x04"])
def test_a_damaged_one_is_none(files, store, damage):
    keep(files)
    (file,) = store.directory.glob("cache/traces/abc/*.npy")
    file.write_bytes(damage)
    assert files.find("abc", "1") is None


def test_an_array_of_objects_is_never_read(files, store):
    keep(files)
    (file,) = store.directory.glob("cache/traces/abc/*.npy")
    np.save(file, np.array([{}], object), allow_pickle=True)
    assert files.find("abc", "1") is None


def test_what_was_used_longest_ago_goes_first(files, store):
    for age, name in ((30, "a"), (20, "b"), (10, "c")):
        keep(files, name=name)
        for file in store.directory.glob(f"cache/traces/abc/{name}.npy"):
            os.utime(file, (1_000_000 - age, 1_000_000 - age))
    files.find("abc", "a")  # used again
    keep(files, name="d", numbers=2_000)
    assert [name for name in "abcd" if files.find("abc", name)] == ["a", "c", "d"]
    assert not list(store.directory.glob("cache/traces/abc/b.*"))


def test_a_runs_traces_go_with_it(files, store):
    keep(files)
    forget_traces(store.directory, "abc")
    assert files.find("abc", "1") is None


def test_what_a_run_wants_of_the_disk_is_left_to_it(files, monkeypatch):
    monkeypatch.setattr(files._space, "free", lambda: files._space.least + 1_000)
    with pytest.raises(StoreError, match="cannot be kept on the disk"):
        keep(files)


def test_scratch_is_filled_and_gone(files, store):
    with files.scratch() as allocate:
        arrays = [allocate((2, 3), np.dtype(kind)) for kind in ("f4", "f8")]
        for array in arrays:
            array[:] = 7
        assert [(array.dtype, array.sum()) for array in arrays] == [("f4", 42), ("f8", 42)]
    assert not list(store.directory.glob("cache/traces/*"))


def test_scratch_that_a_crash_has_left_is_swept(store):
    folder = store.directory / "cache" / "traces" / "scratch-1.part"
    folder.mkdir(parents=True)
    (folder / "0").write_bytes(b"half")
    os.utime(folder, (1_000_000, 1_000_000))
    leftovers.sweep(store.directory, store.library.directory)
    assert not folder.exists()
