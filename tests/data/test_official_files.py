"""Local copies are looked at before anything is fetched or decoded; what is wrong with them is one sentence."""

import http.server
import threading
from dataclasses import replace

import numpy as np
import photographs
import pytest
from typer.testing import CliRunner

from softlabels.cli import app
from softlabels.data import catalogue, formats, official_files, prepare
from softlabels.errors import SoftLabelsError


@pytest.fixture
def local(tmp_path, monkeypatch):
    """An empty folder that SOFTLABELS_DATA names; small sets stand in the catalogue, and nothing may be decoded."""
    monkeypatch.setenv("SOFTLABELS_DATA", str(tmp_path / "local"))
    for name, small in photographs.SMALL.items():
        monkeypatch.setitem(catalogue.OFFICIAL, name, small)
    monkeypatch.setattr(formats, "_pixels", lambda *_: pytest.fail("an image was decoded"))
    (tmp_path / "local").mkdir()
    return tmp_path / "local"


def exchange_folders(root):
    one, two = (root / "train" / wnid for wnid in photographs.IDS[:2])
    one.rename(root / "x")
    two.rename(one)
    (root / "x").rename(two)


def one_image_elsewhere(root):
    image = next((root / "train" / photographs.IDS[2]).rglob("*.JPEG"))
    image.rename(root / "train" / photographs.IDS[0] / image.name)


def hidden(root):
    (root / "train" / photographs.IDS[0] / "._a.JPEG").write_bytes(b"\x00\x05\x16\x07")


def hidden_text(root):
    (root / "._wnids.txt").write_bytes(b"\x00\x05\x16\x07")


def larger(root):
    image = sorted((root / "train" / photographs.IDS[1]).rglob("*.JPEG"))[-1]
    image.write_bytes(photographs.jpeg(np.zeros((3, 16, 16), np.uint8)))


def taller_test_image(root):
    (root / "val/images/val_7.JPEG").write_bytes(photographs.jpeg(np.zeros((3, 9, 8), np.uint8)))


def no_image(root):
    (root / "val/images/val_7.JPEG").write_bytes(b"<html>")


def windows_lines(name):
    return lambda root: (root / name).write_bytes((root / name).read_bytes().replace(b"\n", b"\r\n"))


def windows_mark(root):
    (root / "wnids.txt").write_bytes(b"\xef\xbb\xbf" + (root / "wnids.txt").read_bytes())


def flat(root):
    for image in (root / "val").glob("*/*"):
        image.rename(root / "val" / image.name)


def one_class_less(root):
    (root / "val" / photographs.IDS[1]).rename(root / "elsewhere")


def another_class(root):
    (root / "val" / photographs.IDS[1]).rename(root / "val" / "n99999999")


def one_image_less(root):
    next((root / "train" / photographs.IDS[1]).glob("*")).unlink()


@pytest.mark.parametrize(
    ("name", "damage", "says"),
    [
        ("tiny-imagenet", exchange_folders, "train/n01443537/ in .* holds n01629819_0.JPEG, which is an image of n016"),
        ("imagenet", exchange_folders, "train/n01443537/ in .* holds n01629819_0.JPEG, which is an image of n01629819"),
        ("imagenet", one_image_elsewhere, "train/n01443537/ in .* which is an image of n02106662"),
        ("tiny-imagenet", hidden, r"holds train/n01443537/\._a\.JPEG and 0 more files that macOS wrote"),
        ("imagenet", hidden, "macOS wrote"),
        ("tiny-imagenet", hidden_text, "macOS wrote"),
        ("tiny-imagenet", larger, "n01629819_2.JPEG in .* has 16×16 pixels; the official images have 8×8"),
        ("tiny-imagenet", taller_test_image, "val/images/val_7.JPEG in .* has 8×9 pixels"),
        ("tiny-imagenet", no_image, "val/images/val_7.JPEG in .* is no whole image"),
        ("tiny-imagenet", windows_lines("wnids.txt"), "wnids.txt in .* was saved by an editor of Windows"),
        ("tiny-imagenet", windows_lines("words.txt"), "words.txt in .* was saved by an editor of Windows"),
        (
            "tiny-imagenet",
            windows_lines("val/val_annotations.txt"),
            "val_annotations.txt in .* by an editor of Windows",
        ),
        ("tiny-imagenet", windows_mark, "wnids.txt in .* was saved by an editor of Windows"),
        ("imagenet", flat, "has 0 images in 0 class folders in val/ where ImageNet-1K has 15 in 3"),
        ("imagenet", one_class_less, "has 10 images in 2 class folders in val/"),
        ("imagenet", another_class, "has 15 images in 3 class folders in val/ where"),
        ("imagenet", one_image_less, "has 11 images in 3 class folders in train/ where ImageNet-1K has 12 in 3"),
    ],
)
def test_a_copy_that_is_not_the_official_one_is_refused_before_it_is_decoded(tmp_path, local, name, damage, says):
    root = photographs.MAKERS[name](local)
    official_files.check_local(photographs.SMALL[name])
    damage(root)
    with pytest.raises(SoftLabelsError, match=says):
        official_files.before_fetching(photographs.SMALL[name], tmp_path / "cache")


def test_half_the_pixels_come_of_images_of_the_whole_size(local):
    photographs.tiny(local)
    official_files.check_local(replace(photographs.TINY, name="tiny-imagenet-32", side=4, halved=True))
    with pytest.raises(SoftLabelsError, match="has 8×8 pixels; the official images have 4×4"):
        official_files.check_local(replace(photographs.TINY, side=4))


def test_images_of_ones_own_may_have_any_size(local):
    photographs.tiny(local)
    official_files.check_local(replace(photographs.TINY, name="mine of 8", side=32))


# ---- other names ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("official", "name", "size", "says"),
    [
        ("tiny-imagenet", "tiny-imagenet-200 (1).zip", 1, r"has the size of tiny-imagenet-200\.zip; rename it"),
        ("cifar10", "cifar-10-python.tar (2).gz", 1, r"has the size of cifar-10-python\.tar\.gz; rename it"),
        ("cifar100", "cifar-100-python.tar", 5, r"is cifar-100-python\.tar\.gz unpacked by half; .*cifar-100-python/"),
        ("tiny-imagenet", "tiny-imagenet-200 (1).zip", 2, ""),  # of another size, so perhaps another file
        ("cifar10", "cifar-10-matlab.tar", 5, ""),
        ("tiny-imagenet", "tiny-imagenet-200.zip", 1, ""),
    ],
)
def test_an_archive_under_another_name_is_not_fetched_again(local, official, name, size, says):
    with open(local / name, "wb") as file:
        file.truncate(size * OFFICIAL[official].archives[0].size)  # takes no room
    if not says:
        official_files.check_local(OFFICIAL[official])
        return
    with pytest.raises(SoftLabelsError, match=says):
        official_files.check_local(OFFICIAL[official])


OFFICIAL = {"tiny-imagenet": catalogue.TINY, "cifar10": catalogue.CIFAR10, "cifar100": catalogue.CIFAR100}


@pytest.mark.parametrize("name", OFFICIAL)
@pytest.mark.parametrize("itself", [True, False])
def test_a_set_in_a_folder_of_another_name_is_not_fetched_again(tmp_path, local, monkeypatch, name, itself):
    folder = photographs.MAKERS[name](local).rename(local / "my set")
    monkeypatch.setenv("SOFTLABELS_DATA", str(folder if itself else local))
    with pytest.raises(SoftLabelsError, match=f"my set holds .*; rename the folder to {OFFICIAL[name].folder}"):
        official_files.before_fetching(OFFICIAL[name], tmp_path / "cache")
    other = OFFICIAL["cifar100" if name == "cifar10" else "cifar10"]
    note = official_files.before_fetching(other, tmp_path / "cache")
    assert f"holds neither {other.folder}/ nor {other.archives[0].file}: 1" in note and note.endswith("MB to download.")


# ---- pixels --------------------------------------------------------------------------------------------------------


def test_pixels_are_compared_with_the_official_ones(tmp_path, local, monkeypatch):
    photographs.cifar100(local)
    small = photographs.CIFAR100
    prepare.prepare(small, tmp_path)
    with pytest.raises(SoftLabelsError, match="has other pixels than CIFAR-100: the files that it was made of are not"):
        official_files.check_decoded(small, tmp_path)
    levels = b"".join(photographs.levels(small, part).tobytes() for part in ("train", "test"))
    monkeypatch.setitem(official_files.PIXELS, "cifar100", official_files.hashlib.sha256(levels).hexdigest())
    official_files.check_decoded(small, tmp_path)


# ---- networks that ask for a login ---------------------------------------------------------------------------------


class Portal(http.server.BaseHTTPRequestHandler):
    """Answers 200 with a page, or, once `open`, with the archive."""

    data, page = b"", b"<!doctype html><title>Welcome to the hotel</title>"

    def do_GET(self):
        start = int(self.headers.get("Range", "bytes=0-")[6:-1])
        answer, start = (self.data, start) if self.data else (self.page, 0)
        self.send_response(206 if start else 200)
        if start:
            self.send_header("Content-Range", f"bytes {start}-{len(answer) - 1}/{len(answer)}")
        self.send_header("Content-Length", str(len(answer) - start))
        self.end_headers()
        self.wfile.write(answer[start:])

    def log_message(self, *args):
        pass


@pytest.mark.parametrize("kept", [True, False])
def test_a_login_page_is_not_the_beginning_of_an_archive(tmp_path, project, monkeypatch, kept):
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    monkeypatch.setattr(Portal, "data", b"")
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Portal)
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
    (tmp_path / "made").mkdir()
    packed = photographs.packed(photographs.cifar100(tmp_path / "made"), "tar.gz")
    url = f"http://127.0.0.1:{server.server_port}/{packed.name}"
    small = replace(photographs.CIFAR100, archives=(photographs.described(packed, url),))
    monkeypatch.setitem(catalogue.OFFICIAL, "cifar100", small)
    part = project / "cache" / "data" / f"{packed.name}.part"
    if kept:  # by a run, which does not look
        with pytest.raises(SoftLabelsError, match="could not be fetched"):
            prepare.prepare(small, project / "cache")
        assert part.read_bytes() == Portal.page
    else:
        refused = CliRunner().invoke(app, ["data", "fetch", "cifar100"])
        assert "perhaps a web page, such as the login of your network" in refused.stderr and not part.exists()
    monkeypatch.setattr(Portal, "data", packed.read_bytes())
    assert "cifar100 is ready" in CliRunner().invoke(app, ["data", "fetch", "cifar100"]).stdout
    server.shutdown()
    server.server_close()


@pytest.mark.parametrize("start", [b"", b"P", b"PK\x03\x04 and more"])
def test_a_beginning_of_an_archive_stays(tmp_path, start):
    part = tmp_path / "data" / "tiny-imagenet-200.zip.part"
    part.parent.mkdir()
    part.write_bytes(start)
    assert official_files.drop_web_pages(catalogue.TINY, tmp_path) == "" and part.read_bytes() == start
    part.write_bytes(b"<" + start)
    assert "tiny-imagenet-200.zip" in official_files.drop_web_pages(catalogue.TINY, tmp_path) and not part.exists()
