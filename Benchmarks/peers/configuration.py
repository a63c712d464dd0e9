"""Configurations of training runs, read as `spider train --config` reads them.

A configuration is a YAML file that says what differs from the preset `standard`, or the name of a preset. The
presets lie in `presets/` as `config.yaml` of a run would hold them; a test of the Swift package
(PresetFilesTests.swift) compares them with its own, so that neither side has defaults of its own. Needs pyyaml.
"""

import copy
import json
import re
from pathlib import Path

import yaml

PRESETS = Path(__file__).with_name("presets")
WHOLE = {"model.architecture.code", "model.architecture.anyViews", "model.training"}
"""Keys whose values are alternatives: the given one replaces the default, which need not be there."""
WORDS = {
    bool: "true or false", str: "a text", list: "a list", dict: "a section", float: "a number", int: "a whole number"}


class Refused(Exception):
    """A configuration that cannot be used, and why."""


class Loader(yaml.SafeLoader):
    """YAML 1.2 as far as numbers go: 1e-8 is one."""


Loader.add_implicit_resolver(
    "tag:yaml.org,2002:float", re.compile(r"[-+]?[0-9][0-9_.]*[eE][-+]?[0-9]+$"), list("-+0123456789"))


def read(name):
    """The configuration of a preset or a file, and whether it is a preset."""
    base = parsed(PRESETS / "standard.yaml")
    preset = PRESETS / f"{name}.yaml"
    if preset.exists():
        return merged(parsed(preset), base), True
    if not Path(name).exists():
        names = ", ".join(sorted(file.stem for file in PRESETS.glob("*.yaml")))
        raise Refused(f"{name}: there is no such file and no such preset; presets: {names}")
    return merged(parsed(Path(name)), base), False


def parsed(path):
    try:
        return yaml.load(path.read_text(), Loader) or {}
    except (yaml.YAMLError, OSError) as error:
        raise Refused(f"{path}: {error}")


def merged(given, base, path=""):
    """A section over its defaults; keys that mean nothing are refused, since they are most likely misspelt."""
    if path in WHOLE:
        return given
    if isinstance(base, dict) and isinstance(given, dict):
        result = copy.deepcopy(base)
        for key, value in given.items():
            here = f"{path}.{key}" if path else key
            if key not in base and here not in WHOLE:
                raise Refused(f"{here}: there is no such setting")
            result[key] = merged(value, base.get(key), here)
        return result
    wanted = type(base)
    if wanted is float and type(given) is int:
        return float(given)
    if type(given) is not wanted:
        raise Refused(f"{path} is {given!r}; it must be {WORDS.get(wanted, wanted.__name__)}")
    return given


def setting(text):
    """A section of one setting from a text like `learningRate.peak=1e-3`."""
    name, separator, value = text.partition("=")
    if not separator:
        raise Refused(f"'{text}' sets nothing; write KEY=VALUE")
    section = yaml.load(value, Loader)
    for key in reversed(name.split(".")):
        section = {key: section}
    return section


def adopting(configuration, index):
    """A preset for a data set: its field of view, window, classes and views, its distances and variation
    (Recipes/TrainingConfiguration.swift)."""
    result, geometry = copy.deepcopy(configuration), index["geometry"]
    model, setup, augmentation = result["model"], result["model"]["setup"], result["augmentation"]
    before = setup["sourceToDetector"] / setup["sourceToAxis"]
    setup["sourceToAxis"], setup["sourceToDetector"] = geometry["sad_mm"], geometry["sid_mm"]
    # The detector sees as much of the field of view as before, whatever the magnification.
    change = setup["sourceToDetector"] / setup["sourceToAxis"] / before
    change *= index["field_of_view_mm"] / model["fieldOfView"]
    setup["pixelSize"] = [size * change for size in setup["pixelSize"]]
    model["fieldOfView"], model["window"], model["scheme"] = (
        index[key] for key in ("field_of_view_mm", "window", "scheme"))
    model["architecture"]["classes"] = len(index["scheme"]["classes"])
    model["views"], model["architecture"]["viewCount"] = geometry["views"], len(geometry["views"])
    augmentation["shift"], augmentation["turnDegrees"] = geometry["patient_shift_mm"], geometry["patient_turn_degrees"]
    augmentation["viewTurnDegrees"] = geometry["view_turn_degrees"]
    augmentation["sourceDistance"] = geometry.get("sad_share", 0)
    return result


def for_data_set(name, settings, data):
    """The configuration of a name, with settings like `seed=2` changed, for the data set in a folder."""
    configuration, is_preset = read(name)
    index = json.loads((data / "dataset.json").read_text(), parse_int=float)
    if is_preset:
        configuration = adopting(configuration, index)
    for text in settings:
        configuration = merged(setting(text), configuration)
    model, architecture = configuration["model"], configuration["model"]["architecture"]
    if model["fieldOfView"] != index["field_of_view_mm"]:
        raise Refused(f"model.fieldOfView is {model['fieldOfView']} mm, the data set's {index['field_of_view_mm']} mm")
    if model["scheme"] != index["scheme"]:
        raise Refused(f"model.scheme is '{model['scheme']['name']}', the data set's '{index['scheme']['name']}'")
    if architecture["classes"] != len(model["scheme"]["classes"]) or architecture["viewCount"] != len(model["views"]):
        raise Refused("model.architecture has another number of classes or views than the model's scheme and views")
    return configuration
