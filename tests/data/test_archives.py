"""Files of a data set wherever they lie; archives that would write elsewhere, and damaged ones, are refused."""

import io
import tarfile
import zipfile

import pytest

from softlabels.data.archives import members
from softlabels.errors import SoftLabelsError

FILES = {"a.txt": b"one", "train/n1/b.txt": b"two" * 1000}


def in_folder(path):
    for name, data in FILES.items():
        (path / "set" / name).parent.mkdir(parents=True, exist_ok=True)
        (path / "set" / name).write_bytes(data)
    return path / "set"


def in_zip(path, prefix="set/", files=FILES):
    with zipfile.ZipFile(path / "set.zip", "w") as archive:
        archive.mkdir("set")
        for name, data in files.items():
            archive.writestr(prefix + name, data)
    return path / "set.zip"


def in_tar(path, prefix="set/", files=FILES, kind=tarfile.REGTYPE):
    with tarfile.open(path / "set.tar.gz", "w:gz") as archive:
        for name, data in files.items():
            member = tarfile.TarInfo(prefix + name)
            member.type, member.size, member.linkname = kind, len(data) * (kind == tarfile.REGTYPE), "/etc/passwd"
            archive.addfile(member, io.BytesIO(data))
    return path / "set.tar.gz"


@pytest.mark.parametrize("place", [in_folder, in_zip, in_tar])
def test_the_same_files_everywhere(tmp_path, place):
    found = members([place(tmp_path)], "set")
    assert found.names == ["a.txt", "train/n1/b.txt"]
    assert {name: found.read(name) for name in found.names} == FILES
    with pytest.raises(SoftLabelsError, match="set.* lacks c.txt; it is no whole copy"):
        found.read("c.txt")


def test_several_archives_are_one(tmp_path):
    (tmp_path / "b").mkdir()
    found = members([in_zip(tmp_path), in_tar(tmp_path / "b", files={"c.txt": b"three"})], "set")
    assert found.names == ["a.txt", "c.txt", "train/n1/b.txt"] and found.read("c.txt") == b"three"
    with pytest.raises(SoftLabelsError, match="set.zip and .*set.tar.gz lacks d.txt"):
        found.read("d.txt")


@pytest.mark.parametrize("place", [in_zip, in_tar])
@pytest.mark.parametrize("prefix", ["../", "/", "set/../../", "C:/", "set\\..\\..\\"])
def test_a_member_outside_its_folder_is_refused(tmp_path, place, prefix):
    with pytest.raises(SoftLabelsError, match="would lie outside its folder"):
        members([place(tmp_path, prefix, {"evil.txt": b"evil"})], "set")
    assert sorted(path.name for path in tmp_path.parent.glob("**/evil*")) == []


@pytest.mark.parametrize("kind", [tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.FIFOTYPE])
def test_links_and_devices_are_refused(tmp_path, kind):
    with pytest.raises(SoftLabelsError, match="holds set/link, which no official archive holds"):
        members([in_tar(tmp_path, files={"link": b""}, kind=kind)], "set")


@pytest.mark.parametrize("place", [in_zip, in_tar])
def test_half_an_archive_is_named(tmp_path, place):
    path = place(tmp_path)
    path.write_bytes(path.read_bytes()[:-60])
    with pytest.raises(SoftLabelsError, match=f"{path.name} is no whole zip or tar archive"):
        members([path], "set")


def test_a_damaged_member_is_named(tmp_path):
    path = in_zip(tmp_path)
    path.write_bytes(path.read_bytes().replace(b"twotwo", b"twotwi", 1))
    with pytest.raises(SoftLabelsError, match=r"train/n1/b.txt in .* cannot be read \(Bad CRC"):
        members([path], "set").read("train/n1/b.txt")
