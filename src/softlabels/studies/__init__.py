"""One module per section of a paper. A module is imported when one of its studies is used."""

import importlib

from softlabels.errors import SoftLabelsError
from softlabels.study import Study

STUDIES = {  # id -> where it is defined
    "label_worth/teachers": "softlabels.studies.teacher_and_entropy:TEACHERS",
    "label_worth/teacher_epochs": "softlabels.studies.teacher_and_entropy:TEACHER_EPOCHS",
    "label_worth/synthetic_images": "softlabels.studies.soft_labels_are_crucial:SYNTHETIC_IMAGES",
    "label_worth/label_kinds": "softlabels.studies.soft_labels_are_crucial:LABEL_KINDS",
    "label_worth/low_ipc": "softlabels.studies.soft_labels_are_crucial:LOW_IPC",
    "label_worth/student_epochs": "softlabels.studies.soft_labels_are_crucial:STUDENT_EPOCHS",
    "label_worth/temperatures": "softlabels.studies.teacher_and_entropy:TEMPERATURES",
    "label_worth/rank_swaps": "softlabels.studies.structure:RANK_SWAPS",
    "label_worth/example_labels": "softlabels.studies.structure:EXAMPLE_LABELS",
    "label_worth/class_structure": "softlabels.studies.structure:CLASS_STRUCTURE",
    "label_worth/shuffled_and_random": "softlabels.studies.structure:SHUFFLED_AND_RANDOM",
    "label_worth/data_and_knowledge": "softlabels.studies.data_and_knowledge:DATA_AND_KNOWLEDGE",
    "label_worth/zero_shot": "softlabels.studies.zero_shot:ZERO_SHOT",
    "label_worth/image_choice": "softlabels.studies.sensitivity:IMAGE_CHOICE",
    "label_worth/image_draws": "softlabels.studies.sensitivity:IMAGE_DRAWS",
    "label_worth/teacher_draws": "softlabels.studies.sensitivity:TEACHER_DRAWS",
    "label_worth/learned_labels": "softlabels.studies.learned_labels:LEARNED_LABELS",
    "memorized/two_dimensions": "softlabels.studies.two_dimensions:TWO_DIMENSIONS",
    "memorized/linear_recovery": "softlabels.studies.linear_recovery:LINEAR_RECOVERY",
    "memorized/linear_students": "softlabels.studies.linear_recovery:LINEAR_STUDENTS",
    "memorized/temperature": "softlabels.studies.temperature_and_classes:TEMPERATURE",
    "memorized/temperature_and_fraction": "softlabels.studies.temperature_and_classes:TEMPERATURE_AND_FRACTION",
    "memorized/temperature_ten_classes": "softlabels.studies.temperature_and_classes:TEMPERATURE_TEN_CLASSES",
    "memorized/classes": "softlabels.studies.temperature_and_classes:CLASSES",
    "memorized/low_temperature": "softlabels.studies.temperature_and_classes:LOW_TEMPERATURE",
    "memorized/random_networks": "softlabels.studies.random_networks:RANDOM_NETWORKS",
    "memorized/random_network_curves": "softlabels.studies.random_networks:RANDOM_NETWORK_CURVES",
    "memorized/student_widths": "softlabels.studies.random_networks:STUDENT_WIDTHS",
    "memorized/network_classes": "softlabels.studies.random_networks:NETWORK_CLASSES",
    "memorized/fresh_inputs": "softlabels.studies.random_networks:FRESH_INPUTS",
    "memorized/language_model": "softlabels.studies.language_model:LANGUAGE_MODEL",
    "memorized/language_model_random_start": "softlabels.studies.language_model:LANGUAGE_MODEL_RANDOM_START",
    "memorized/many_classes": "softlabels.studies.language_model:MANY_CLASSES",
    "memorized/label_treatments": "softlabels.studies.label_treatments:LABEL_TREATMENTS",
    "memorized/modular_mlp": "softlabels.studies.modular_addition:MLP",
    "memorized/modular_transformer": "softlabels.studies.modular_addition:TRANSFORMER",
    "joined/utility_and_leakage": "softlabels.studies.utility_and_leakage:UTILITY_AND_LEAKAGE",
    "joined/photographs": "softlabels.studies.photographs:PHOTOGRAPHS",
    "joined/before_publishing": "softlabels.studies.before_publishing:BEFORE_PUBLISHING",
    "joined/routes": "softlabels.studies.routes:ROUTES",
    "joined/planted_or_not": "softlabels.studies.routes:PLANTED_OR_NOT",
}


def find(study_id: str) -> Study:
    """The study called `study_id`. Raises SoftLabelsError, which lists what exists."""
    return getattr(importlib.import_module(module_of(study_id)), STUDIES[study_id].split(":")[1])


def module_of(study_id: str) -> str:
    """The name of the module that defines a study. Raises SoftLabelsError as `find` does."""
    if study_id not in STUDIES:
        raise SoftLabelsError(f"There is no study {study_id!r}; there are {', '.join(STUDIES)}.")
    return STUDIES[study_id].split(":")[0]
