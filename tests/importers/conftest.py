"""Small made-up wheels of transformers, in both layouts, and a catalog to import them into."""

from __future__ import annotations

import shutil
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

AUTO = "transformers/models/auto/"

CONFIG = """
from collections import OrderedDict
CONFIG_MAPPING_NAMES = OrderedDict([
    ("bert", "BertConfig"), ("lala", "LalaConfig"), ("lala_text", "LalaTextConfig"),
    ("old-one", "OldOneConfig"), ("SeeModel", "SeeConfig"), ("see", "SeeConfig"),
])
SPECIAL_MODEL_TYPE_TO_MODULE_NAME = OrderedDict([("SeeModel", "see")])
"""
MODELING = """
from collections import OrderedDict
from .configuration_auto import CONFIG_MAPPING_NAMES
if TYPE_CHECKING:
    MODEL_MAPPING_NAMES: OrderedDict = OrderedDict()
else:
    MODEL_MAPPING_NAMES = OrderedDict(
        [
            # the base
            ("bert", "BertModel"),
            ("lala", "LalaModel"),
            ("lala_text", "LalaModel"),
            ("lala_vision", "LalaBackbone"),
            ("see", ("SeeModel", "SeeTeacherModel")),
        ]
    )
MODEL_FOR_CAUSAL_LM_MAPPING_NAMES = OrderedDict([("lala", "LalaForCausalLM")])
MODEL_FOR_MASKED_LM_MAPPING_NAMES = OrderedDict([("bert", "BertForMaskedLM")])
MODEL_FOR_PRETRAINING_MAPPING_NAMES = OrderedDict([("bert", "BertForMaskedLM")])
MODEL_FOR_IMAGE_TEXT_TO_TEXT_MAPPING_NAMES = OrderedDict(
    [("see", "SeeForConditionalGeneration"), ("SeeModel", "SeeForConditionalGeneration")]
)
MODEL_FOR_MULTIMODAL_LM_MAPPING_NAMES = OrderedDict(
    [*list(MODEL_FOR_IMAGE_TEXT_TO_TEXT_MAPPING_NAMES.items()), ("ear", "EarForListening")]
)
MODEL_FOR_SEQ_TO_SEQ_CAUSAL_LM_MAPPING_NAMES = OrderedDict({"ear": "EarForListening"})
MODEL_FOR_BACKBONE_MAPPING_NAMES = OrderedDict([("lala_vision", "LalaBackbone")])
MODEL_MAPPING = _LazyAutoMapping(CONFIG_MAPPING_NAMES, MODEL_MAPPING_NAMES)
"""
OLD_MODELING = """
from collections import OrderedDict
MODEL_MAPPING_NAMES = OrderedDict([("bert", "BertModel"), ("old-one", "OldOneModel"),
    ("bert-old", "BertModel")])
MODEL_FOR_CAUSAL_LM_MAPPING_NAMES = OrderedDict([("old-one", "OldOneLMHeadModel")])
MODEL_FOR_MASKED_LM_MAPPING_NAMES = OrderedDict([("bert", "BertForMaskedLM")])
"""
PROCESSORS = """
{names} = OrderedDict([("see", ("A", "B" if is_torch_available() else None))])
for model_type, found in {names}.items():
    {names}[model_type] = found
"""
HEADS = """
class BertForSequenceClassification: pass

__all__ = [
    "BertModel",
    "BertForSequenceClassification",
    "BertForNothingThatIsKnown",
    "BertLayer",
]
"""


def modules(version: int) -> dict[str, str]:
    """Return the files of a made-up transformers, by path."""
    video = PROCESSORS.format(names="VIDEO_PROCESSOR_MAPPING_NAMES")
    audio = 'FEATURE_EXTRACTOR_MAPPING_NAMES = OrderedDict([("ear", "EarFeatureExtractor")])\n'
    files = {
        f"{AUTO}modeling_auto.py": MODELING if version == 5 else OLD_MODELING,
        f"{AUTO}video_processing_auto.py": "from .auto_mappings import X\n" + video,
        f"{AUTO}feature_extraction_auto.py": audio,
        "transformers/models/bert/modeling_bert.py": HEADS,
        "transformers/models/bert/modeling_tf_bert.py": HEADS.replace("Bert", "TFBert"),
    }
    if version == 5:
        update = "from .auto_mappings import CONFIG_MAPPING_NAMES\n"
        more = (
            'CONFIG_MAPPING_NAMES = OrderedDict(**{"ear": "EarConfig"}, **CONFIG_MAPPING_NAMES)\n'
        )
        files[f"{AUTO}auto_mappings.py"] = CONFIG
        files[f"{AUTO}configuration_auto.py"] = update + more
    else:
        typed = CONFIG.replace("OrderedDict([", "OrderedDict[str, str]([")
        files[f"{AUTO}configuration_auto.py"] = typed
    return files


@pytest.fixture
def layout5() -> dict[str, str]:
    """Return the files of the newer layout, for a made-up version after it."""
    return modules(5)


@pytest.fixture
def wheel(tmp_path: Path) -> Callable[..., Path]:
    """Return a function that writes a wheel: of a version, with some files changed."""

    def write(
        version: str, changed: Mapping[str, str | bytes | None] | None = None, name: str = ""
    ) -> Path:
        path = tmp_path / (name or f"transformers-{version}-py3-none-any.whl")
        files = {**modules(int(version[0])), **(changed or {})}
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            for place, text in files.items():
                if text is not None:
                    archive.writestr(place, text)
        return path

    return write


@pytest.fixture
def book(tmp_path: Path, root: Path) -> Path:
    """Return a catalog with the real pipeline types and rules, and no architectures."""
    catalog = tmp_path / "book" / "catalog"
    shutil.copytree(root / "catalog" / "pipelines", catalog / "pipelines")
    for name in (
        "catalog",
        "units",
        "currencies",
        "pipeline-aliases",
        "auto-classes",
        "class-suffixes",
        "libraries",
    ):
        shutil.copy(root / "catalog" / f"{name}.yaml", catalog / f"{name}.yaml")
    return catalog
