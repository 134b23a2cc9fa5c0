# %% [markdown]
# # Data and teachers
#
# **Where do the images come from, and what is done to them before anything is learned?** What a build of this book computes for Part I uses digits that ship with scikit-learn. Photographs are fetched, or read from your own copy, when a run asks for them; a build never does.

# %% tags=["remove-cell"]
# On Google Colab: fetch the book's repository and install its package. Anywhere else this cell does nothing.
import sys

if "google.colab" in sys.modules:
    import os
    import subprocess
    from importlib.metadata import distributions

    address, folder, did = "https://github.com/softlabels/softlabels", "/content/softlabels", []
    if not os.path.isdir(folder):
        subprocess.run(["git", "clone", "--quiet", "--depth", "1", address, folder], check=True)
        did.append("fetched the book")
    if not any(distributions(name="softlabels")):
        subprocess.run([sys.executable, "-m", "pip", "install", "--quiet", folder], check=True)
        did.append("installed its package")
    os.chdir(folder)
    print((" and ".join(did) or "the book and its package are there already") + f"; working in {folder}")

# %% tags=["parameters"]
# "smoke" trains the teacher at the end of this page for two epochs only
scale = "quick"  # @param ["smoke", "quick", "reduced", "paper"]
# "auto" takes a GPU where there is one
device = "auto"  # @param ["auto", "cpu", "cuda"]

# %% tags=["hide-input"]
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import seaborn as sns
import torch

from softlabels import claims, plots
from softlabels.data import catalogue
from softlabels.data.catalogue import OFFICIAL
from softlabels.data.noisy import NOISE, digit_set
from softlabels.hyperparameters import CHOICES
from softlabels.studies.teacher_and_entropy import TEACHERS

plots.use_house_style()

# %% [markdown]
# ## Digits, made hard
#
# scikit-learn ships 1,797 handwritten digits of 8×8 pixels, the test part of a set from the UCI repository. They are real, tiny and too easy: a network that has learned a few of them predicts nearly all the others, and its soft labels are nearly hard. There is little left for them to teach.
#
# Photographs of two hundred classes are harder. To be as hard in seconds, our digits get noise: a normal number is added to every pixel, once, in training and test images alike. To have a hundred classes, we put two digits side by side. Of such pairs it is known beforehand which classes are alike: those that share a digit. So one can ask whether soft labels show it.

# %%
NAMES = "clean digits", "noisy digits", "clean digit pairs", "noisy digit pairs"
sets, lines = {name: digit_set(name) for name in NAMES}, []
for name, parts in sets.items():
    (x, y), (test, truth) = parts["train"], parts["test"]
    means = torch.stack([x[y == c].mean(0) for c in y.unique()])  # (classes, 1, height, width)
    nearest = torch.cdist(test.flatten(1), means.flatten(1)).argmin(1)
    sizes = {part: len(classes) for part, (_, classes) in parts.items()}
    about = {"classes": len(means), "pixels": "×".join(map(str, x.shape[2:])), "noise": NOISE[name]}
    right = (nearest == truth).double().mean().item()
    lines.append({"name": name} | sizes | about | {"right by the nearest mean": right})
made = pd.DataFrame(lines).set_index("name")
made.round(3)

# %% tags=["hide-input"]
fig, axes = plt.subplots(4, 10, figsize=(9, 2.8), gridspec_kw={"height_ratios": [2, 2, 1, 1]})
for row, (x, y) in zip(axes, (parts["train"] for parts in sets.values()), strict=True):
    classes = range(10) if len(y.unique()) == 10 else np.linspace(7, 97, 10).astype(int)
    for ax, c in zip(row, classes, strict=True):
        ax.imshow(x[y == c][0, 0], cmap="gray_r", vmin=-2, vmax=4)
        ax.axis("off")
right = [f"{share:.0%} of the {name}" for name, share in made["right by the nearest mean"].items()]
found = f"Whoever compares a test image with the mean training image of each class names {', '.join(right[:-1])} and {right[-1]}."
plots.show(
    fig, name="digits",
    caption=f"**Noise makes digits hard.** Digits and pairs of digits, as they are and with the noise that this book adds. {found}",
    alt=f"Four rows of small grey images. {found}",
)  # fmt: skip

# %% [markdown]
# Each class is split at random, always in the same way: a hundred digits train, twenty choose, the rest report. A pair is made of two digits of its own part. Pixels are standardised by the mean and the standard deviation of all training pixels before noise is added. `softlabels.data.noisy` is the whole of it, in a page.

# %% [markdown]
# ## Photographs

# %% tags=["hide-input"]
NORMALISATIONS = {
    (catalogue.IMAGENET_MEAN, catalogue.IMAGENET_STD): "ImageNet's numbers",
    (catalogue.CIFAR10_MEAN, catalogue.CIFAR10_STD): "CIFAR-10's numbers",
    None: "ZCA, ε = 0.1",
}
lines = []
for name, official in OFFICIAL.items():
    size = sum(archive.size for archive in official.archives)
    lines.append(
        {
            "name": f"<code>{name}</code>",
            "training + test": f"{official.train:,} + {official.test:,}",
            "classes": official.classes,
            "pixels": f"{official.side}×{official.side}",
            "normalised by": NORMALISATIONS[official.normalisation],
            "to download": f"{size / 1e6:,.0f} MB" if size else "–",
        }
    )
plots.sortable(pd.DataFrame(lines), "data")

notes = [
    f"- {name}: mean {', '.join(map('{:g}'.format, numbers[0]))}, standard deviation {', '.join(map('{:g}'.format, numbers[1]))} of red, green, blue on the scale 0–1."
    for numbers, name in NORMALISATIONS.items()
    if numbers
]
for terms in dict.fromkeys(official.terms for official in OFFICIAL.values()):
    names = ", ".join(f"`{name}`" for name, official in OFFICIAL.items() if official.terms == terms)
    notes.append(f"- Terms of {names}: {terms}.")
plots.answer("\n".join(notes))

# %% [markdown]
# ```bash
# softlabels data list             # what there is, and what of it is here
# softlabels data fetch cifar100   # bring and decode one set now, instead of when a run first needs it
# softlabels data verify cifar100  # compare every byte with the checksum
# ```
#
# In Python, `softlabels.data.images.load(name, cache)` returns any of these sets, and those of digits: three parts of images and classes, the names of the classes, the normalisation.
#
# **A copy of your own.** Put what you have into one folder, under the names that the official archives have (or unpack to): `tiny-imagenet-200/` or `tiny-imagenet-200.zip`, `cifar-10-batches-py/`, `cifar-100-python/`, `imagenet64/` with the `.npz` or pickled batches, `imagenet/` with `train/n01440764/…` and `val/n01440764/…`. Name that folder in the variable `SOFTLABELS_DATA`. It is only read, and may be read-only. ImageNet itself cannot be fetched for you: its terms ask each reader to apply.
#
# **What happens to it.** An archive is downloaded once, from the first address that answers; a transfer that broke goes on where it stopped; the file counts only if its SHA-256 is the one below. Nothing is unpacked: images are read where they lie in the archive, and an archive that names a file outside its own folder is refused. CIFAR's batches are Python pickles, which in general may run any program; ours are read by a reader that knows arrays, numbers and text, and refuses everything else. The images are decoded in parallel to one file of 8-bit pixels in the cache, which is mapped into memory, so that several processes share it. It exists whole or not at all, ends with its own checksum, and is made anew when it turns out to be damaged. Grey images get three equal channels. Tiny ImageNet's and CIFAR-100's pixels are compared with those of the official files whenever they are decoded; an image of another size, or in another class's folder, is named. The hidden files that macOS leaves beside images are passed over.
#
# **Who chooses and who reports.** The official test images are split: the first fifth of each class, in the official order, selects epochs, learning rates and temperatures, the rest reports. Training images never select, since a teacher has learned them. Where the papers' own way of reporting the best evaluation on the test set is shown beside ours, it uses all test images, as they do.
#
# **Which images stand for a class.** Paper Q draws them at random. `ipc_rows(ipc, draw)` does it as the official code has done since October 2024 (draw 42): each class in turn permutes its images and takes the first ones, so that ten images a class contain the one. The images in the preprint's figure 1 are an earlier draw, which we could not recover.
#
# Some choices are the papers', and visible in the table: CIFAR-100 is normalised with CIFAR-10's numbers ([what the code does](reference_code)), CIFAR-10 is whitened instead, and Tiny ImageNet at 32×32, our own reduced size, is the mean of 2×2 pixels. Of ImageNet's photographs we keep the middle square, 256 pixels a side.
#
# ### Checksums
#
# In the form that `sha256sum --check` reads. The sums of CIFAR's archives are those in Keras, the sums of the downsampled ImageNet those in TensorFlow Datasets; several independent projects name the same sum for Tiny ImageNet. Of Tiny ImageNet and of local copies of CIFAR we compare the class of every image, or the checksum of every file, too.

# %%
for archive in {archive.file: archive for official in OFFICIAL.values() for archive in official.archives}.values():
    print(f"{archive.sha256}  {archive.file}")

# %% [markdown]
# ## Teachers
#
# Before there is a student there is a teacher: a network that learns the whole training part with hard labels. ConvNets learn as in paper Q, by plain stochastic gradient descent at one rate, without momentum or weight decay, on images that are augmented anew in every batch; its ResNets by torchvision's recipe, with momentum 0.9, weight decay 1e-4 and a rate that falls to a tenth after each third of 90 epochs. The teacher's accuracy and the entropy of its labels, on its own training images and on the test images that report, are measured after many of its epochs.


# %% tags=["hide-input"]
def kinds_of(rows):
    """(name, rows) of each kind of teacher: those with augmentation first, then those with most rows.

    The name has the network and the learning rate where a set of images has several.
    """
    kinds = sorted(
        rows.groupby(["data", "augmented", "network", "lr"]), key=lambda kind: (not kind[0][1], -len(kind[1]))
    )
    networks, rates = (rows.groupby("data")[field].nunique() for field in ("network", "lr"))
    return [
        (
            plots.set_name(data)
            + (f", {network}" if networks[data] > 1 else "")
            + (f", rate {lr:g}" if rates[data] > 1 else "")
            + ("" if augmented else ", not augmented"),
            of_kind,
        )
        for (data, augmented, network, lr), of_kind in kinds
    ]


def picture(rows, printed):
    """Accuracy and entropy over epochs, a line a teacher; crosses where table 7 prints a teacher's accuracy."""
    fig, axes = plt.subplots(1, 2, figsize=(9.4, 4))
    kinds = kinds_of(rows)
    for (name, of_kind), colour in zip(kinds, sns.color_palette("colorblind", len(kinds)), strict=True):
        for _, teacher in of_kind.sort_values("epoch").groupby("seed"):
            for ax, metric, unit in ((axes[0], "accuracy", 100), (axes[1], "entropy", 1)):
                ax.plot(teacher.epoch, unit * teacher[metric], color=colour, linewidth=1.3)
                ax.plot(teacher.epoch, unit * teacher[f"train_{metric}"], color=colour, linewidth=1.3, linestyle="--")
        axes[0].plot([], [], color=colour, label=name)
        kind = (of_kind.data.iloc[0], of_kind.lr.iloc[0])
        for choice in (c for c in printed if (c.data, c.teacher_lr) == kind and of_kind.augmented.all()):
            axes[0].plot(choice.completed_epochs, choice.teacher_accuracy, "x", color=colour, markersize=8)
    axes[0].set(xlabel="epoch", ylabel="accuracy, %", ylim=(0, None))
    axes[1].set(xlabel="epoch", ylabel="label entropy, nats", ylim=(0, None))
    for label, line in (("test", "-"), ("training", "--")):
        axes[0].plot([], [], color="0.4", linestyle=line, label=label)
    fig.legend(loc="outside lower center", ncols=5, fontsize=10)
    return fig


ends = []
for scale_of_rows, rows in reversed(claims.rows_by_scale(TEACHERS).items()):
    sentences = []
    for name, of_kind in kinds_of(rows):
        last = of_kind[of_kind.epoch == of_kind.epoch.max()]
        test, train, entropy = last[["accuracy", "train_accuracy", "entropy"]].mean()
        epochs, teachers, several = last.epoch.iloc[0], last.seed.nunique(), of_kind.seed.nunique()
        long = f" ({teachers} of {plots.count(several, 'teacher')} trained so long)" * (teachers < several)
        sentences.append(
            f"{name}: after {epochs} epochs{long} right on {test:.0%} of test images and {train:.0%} of training images, label entropy {entropy:.2f} nats on test images"
        )
        ends.append({
            "images": name, "scale": scale_of_rows, "network": last.network.iloc[0],
            "rate, batch": f"{last.lr.iloc[0]:g}, {last.batch.iloc[0]}", "last epoch (teachers that reached it)": f"{epochs} ({teachers})",
            "test, training": f"{test:.1%}, {train:.1%}", "entropy": f"{entropy:.2f}",
        })  # fmt: skip
    printed = [choice for choice in CHOICES if choice.data in set(rows.data)]
    crosses = " Crosses: what table 7 of paper Q prints." if printed else ""
    plots.show(
        picture(rows, printed), name=f"teachers-{scale_of_rows}", rows=[rows],
        caption=f"**{plots.capital(sentences[0])}.** Solid: test images; dashed: the teacher's own training images; a line a teacher.{crosses}",
        alt=f"Accuracy and label entropy over epochs. {'; '.join(sentences)}.",
    )  # fmt: skip

# %% [markdown]
# Where the dashed line rises and the solid one no longer does, a teacher goes on learning its own images alone. [The chapter on teachers](../label_worth/teacher_and_entropy) asks at which epoch of these curves students learn most.

# %% tags=["hide-input"]
plots.sortable(pd.DataFrame(ends), "data")

# %% [markdown]
# **Epochs** are completed ones, and epoch 0 is the start. The official code counts so for ConvNets; its files of ImageNet's teachers are numbered from 0, so that one epoch more has been completed than the number says.
#
# **What is kept.** Every epoch's weights, a copy of them and not a view ([why that needs saying](reference_code)), as one file below `teachers/` in the cache, together with the state of the random stream. A run that was stopped goes on after the last epoch that it finished, as if it had never stopped; a ResNet, whose momentum is not kept, starts from the beginning. The file says which settings, which code and which version of PyTorch it is from, and other code trains a teacher of its own. The folder can be deleted at any time; what a run needs is made again.

# %% [markdown]
# ### A teacher in a notebook
#
# The first line that needs weights trains them, here in seconds; the second time they are read.

# %%
from softlabels.paths import cache_folder
from softlabels.studies.images.teachers import Teacher, load, logits_on, weights_after
from softlabels.sweep import choose_device

device = choose_device(device)
half, last = (1, 2) if scale == "smoke" else (20, 40)
data = load("noisy digits", device, cache_folder())
how = {"network": "ConvNetD2 w16", "lr": 0.05, "batch": 64, "epochs": last}
teacher = Teacher(data.name, **how, augmented=True, epoch=half, seed=0)
weights = weights_after(teacher, [half, last], device, cache_folder())  # by epoch

for epoch in (half, last):
    logits = logits_on(teacher, weights[epoch], data, data.test, device)  # (images, classes)
    sure = logits.softmax(1).max(1).values
    print(
        f"epoch {epoch}: right on {(logits.argmax(1) == data.test.classes).double().mean():.0%}, its largest entry {sure.mean():.2f} on average"
    )
