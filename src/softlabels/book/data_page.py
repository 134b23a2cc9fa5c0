"""The page of data: the official sets as a table, their checksums, and the digits in a picture."""

import base64
import io

from softlabels.book.rendering import Book, cell_text, table
from softlabels.data import catalogue
from softlabels.data.catalogue import OFFICIAL

NORMALISATIONS = {
    (catalogue.IMAGENET_MEAN, catalogue.IMAGENET_STD): "ImageNet's numbers",
    (catalogue.CIFAR10_MEAN, catalogue.CIFAR10_STD): "CIFAR-10's numbers",
    None: "ZCA, ε = 0.1",
}
SETS = ("clean digits", "noisy digits", "clean digit pairs", "noisy digit pairs")
PAIRS = (7, 19, 38, 64, 91)  # of which the picture shows one each
WIDTH = 98  # pixels: ten digits, two between each


def sets(book: Book) -> str:
    """A line for each official set of photographs; then their normalisations and the terms of their use."""
    rows = []
    for name, official in OFFICIAL.items():
        size = sum(archive.size for archive in official.archives)
        rows.append([
            f"`{name}`",
            f"{official.train:,} + {official.test:,}",
            str(official.classes),
            f"{official.side}×{official.side}",
            NORMALISATIONS[official.normalisation],
            f"{size / 1e6:,.0f} MB" if size else "–",
        ])  # fmt: skip
    heads = ["name", "training + test", "classes", "pixels", "normalised by", "to download"]
    lines = [table(heads, rows), ""]
    for normalisation, name in NORMALISATIONS.items():
        if normalisation:
            mean, std = (", ".join(f"{value:g}" for value in values) for values in normalisation)
            lines.append(f"- {name}: mean {mean}, standard deviation {std} of red, green, blue on the scale 0–1.")
    for terms in dict.fromkeys(official.terms for official in OFFICIAL.values()):
        names = ", ".join(f"`{name}`" for name, official in OFFICIAL.items() if official.terms == terms)
        lines.append(f"- Terms of {names}: {cell_text(terms)}.")
    return "\n".join(lines)


def checksums(book: Book) -> str:
    """The archives' SHA-256 in the form that `sha256sum --check` reads."""
    archives = {archive.file: archive.sha256 for official in OFFICIAL.values() for archive in official.archives}
    return "\n".join(["```text", *(f"{sha256}  {file}" for file, sha256 in archives.items()), "```"])


def digits(book: Book) -> str:
    """Clean and noisy digits and pairs, and how far a comparison with mean images gets on each."""
    said = book.facts["digits"]
    right = said["right"]
    caption = (
        "Digits and pairs of digits, as they are and with the noise that this book adds. Whoever compares a test image "
        f"with the mean training image of each class names {right['clean digits']:.0%} of the clean digits and "
        f"{right['noisy digits']:.0%} of the noisy ones, {right['clean digit pairs']:.0%} of the clean pairs and "
        f"{right['noisy digit pairs']:.0%} of the noisy ones."
    )
    return (
        '```{raw} html\n<figure id="fig-digits">\n'
        f'<img alt="Four strips of small grey images: {caption}" src="data:image/png;base64,{said["picture"]}" '
        'style="width:100%;max-width:44rem;image-rendering:pixelated;background:#fff;padding:0.5rem">\n'
        f"<figcaption><p>{caption}</p></figcaption>\n</figure>\n```"
    )


def digit_sets(book: Book) -> str:
    """A line for each set made of digits: images a part, classes, noise."""
    said = book.facts["digits"]
    lines = []
    for name in SETS:
        noise = f"standard deviation {said['noise'][name]:g}" if said["noise"][name] else "none"
        pixels = "8×16" if name.endswith("pairs") else "8×8"
        lines.append([f"`{name}`", *map(str, said["sizes"][name]), pixels, noise])
    return table(["name", "training", "validation", "test", "classes", "pixels", "noise added to each pixel"], lines)


def digit_facts() -> dict:
    """By set of digits: its sizes (images of its three parts, classes), its noise, and the share of test images that
    are nearest to the mean of their class; and the picture (PNG, base64)."""
    import torch

    from softlabels.data.noisy import NOISE, digit_set

    right, sizes, strips = {}, {}, []
    for name in SETS:
        parts = digit_set(name)
        (x, y), (test, truth) = parts["train"], parts["test"]
        means = torch.stack([x[y == c].mean(0) for c in y.unique()])  # (c, 1, h, w)
        guess = torch.cdist(test.flatten(1), means.flatten(1)).argmin(1)
        sizes[name] = [*(len(classes) for _, classes in parts.values()), len(means)]
        right[name] = (guess == truth).double().mean().item()
        shown = range(10) if len(means) == 10 else PAIRS
        strips.append(strip([x[y == c][0, 0] for c in shown]))
    return {"right": right, "sizes": sizes, "noise": NOISE, "picture": png(torch.cat(strips))}


def strip(images):
    """Images (h, w) side by side, spread over WIDTH, as grey levels on white (h + 3, WIDTH)."""
    import torch

    height, width = images[0].shape
    row = torch.full((height + 3, WIDTH), 255.0)
    for i, image in enumerate(images):
        left = round(i * (WIDTH - width) / (len(images) - 1))
        row[:height, left : left + width] = 255 * (1 - (image + 2) / 6).clamp(0, 1)  # −2 white … 4 black
    return row


def png(levels) -> str:
    """Grey levels (h, w) as a PNG in base64."""
    from PIL import Image

    file = io.BytesIO()
    Image.fromarray(levels.byte().numpy()).save(file, "PNG", optimize=True)
    return base64.b64encode(file.getvalue()).decode()
