"""Official archives, fetched by Pooch and verified by their SHA-256. A broken transfer resumes where it stopped."""

import hashlib
import itertools
import os
import zipfile
from pathlib import Path
from urllib.parse import urlsplit

from softlabels.data.catalogue import Archive
from softlabels.errors import SoftLabelsError

CHUNK = 2**16  # bytes
TIMEOUTS = (10, 60)  # seconds to connect, and between two pieces


def bring(archive: Archive, folder: Path) -> Path:
    """The archive's file in `folder`, whole and verified; fetched where it is missing or wrong.

    Each address is tried in turn, and again as long as a broken transfer brought more bytes. What was received stays,
    and the next call resumes from there; what does not begin like an archive is thrown away. Raises SoftLabelsError,
    which says what went wrong at each address.
    """
    try:
        import pooch
        import requests
    except ImportError as error:
        raise SoftLabelsError(
            f"{archive.file} is to be downloaded, and that needs Pooch; type: pip install pooch"
        ) from error
    pooch.get_logger().setLevel("WARNING")  # the progress bar is enough
    part, failures = _part(archive, folder), []
    if not _begins_like(archive, _start(part)):
        part.unlink()
    for url in archive.urls:
        while True:
            before = _size(part)
            try:
                return Path(
                    pooch.retrieve(url, f"sha256:{archive.sha256}", archive.file, folder, downloader=Resume(archive))
                )
            except SoftLabelsError as error:
                failures.append(f"{urlsplit(url).hostname} {error}")
                break
            except ValueError:
                failures.append(f"{urlsplit(url).hostname} sent a file with another checksum")
                break
            except requests.RequestException as error:
                if _size(part) <= before:
                    failures.append(f"{urlsplit(url).hostname}: {_reason(error)}")
                    break
    raise SoftLabelsError(
        f"{archive.file} could not be fetched ({'; '.join(failures)}). Of its {archive.size:,} bytes {_size(part):,} "
        f"are here: the same command goes on from them. Or put the file into a folder and name that in SOFTLABELS_DATA."
    )


class Resume:
    """Pooch's downloader for one archive: keeps the bytes of a broken transfer beside the file, and resumes there."""

    def __init__(self, archive: Archive):
        self.archive = archive

    def __call__(self, url: str, output_file: str, pooch, check_only: bool = False) -> None:
        """Fetch `url` into `output_file`.

        Raises requests' exceptions where the transfer fails or ends too early, and SoftLabelsError where a network that
        asks for a login answers with a page of its own.
        """
        import requests
        from tqdm.auto import tqdm

        part = _part(self.archive, Path(output_file).parent)
        have = _size(part)
        if have < self.archive.size:
            headers = {"Accept-Encoding": "identity"} | ({"Range": f"bytes={have}-"} if have else {})
            with requests.get(url, headers=headers, stream=True, timeout=TIMEOUTS) as response:
                response.raise_for_status()
                goes_on = response.headers.get("Content-Range", "").startswith(f"bytes {have}-")
                have = have if goes_on else 0  # a server that ignores the range sends the whole file
                chunks = response.iter_content(CHUNK)
                first = next(chunks, b"")
                if not goes_on and not _begins_like(self.archive, first):
                    raise SoftLabelsError(
                        "sent something else, perhaps the login page of your network: open a page in a browser"
                    )
                bar = tqdm(total=self.archive.size, initial=have, desc=self.archive.file, unit="B", unit_scale=True)
                with bar, open(part, "ab" if goes_on else "wb") as file:
                    for chunk in itertools.chain([first], chunks):
                        file.write(chunk)
                        bar.update(len(chunk))
            if _size(part) < self.archive.size:
                raise requests.ConnectionError(f"it sent only {_size(part):,} bytes")
        os.replace(part, output_file)


def check(archive: Archive, path: Path) -> None:
    """Compare a local copy of an archive with its size and SHA-256. Raises SoftLabelsError where it differs."""
    if (size := path.stat().st_size) != archive.size:
        wrong = f"has {size:,} bytes, the official file {archive.size:,}"
    else:
        with open(path, "rb") as file:
            checksum = hashlib.file_digest(file, "sha256").hexdigest()
        if checksum == archive.sha256:
            return
        wrong = f"has the SHA-256 {checksum[:12]}…, the official file {archive.sha256[:12]}…"
    raise SoftLabelsError(f"{path} {wrong}; copy it anew, or take it away and it will be downloaded.")


def _begins_like(archive: Archive, start: bytes) -> bool:
    """Whether a file's first bytes, possibly fewer than four, are those of a zip or gzip archive, as its name says."""
    magic = zipfile.stringFileHeader if archive.file.endswith(".zip") else b"\x1f\x8b"
    return magic.startswith(start[:4]) or start.startswith(magic)


def _part(archive: Archive, folder: Path) -> Path:
    return folder / f"{archive.file}.part"


def _start(path: Path) -> bytes:
    """The first four bytes of a file; none where there is no file."""
    if not path.exists():
        return b""
    with open(path, "rb") as file:
        return file.read(4)


def _size(path: Path) -> int:
    return path.stat().st_size if path.exists() else 0


def _reason(error: Exception) -> str:
    """The status of the server's answer, or that there was none."""
    response = getattr(error, "response", None)
    if response is None:
        return f"no answer ({type(error).__name__})"
    return f"{response.status_code} {response.reason}"
