"""Published parameters of the dense CRF, one per released model.

All were cross-validated by their authors on 100 images of PASCAL VOC 2012's
validation set, for the scores of that one model: for another model they are a
starting point. All use ten iterations.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class DenseCRFPreset:
    """Kernel parameters of one released model.

    Args:
        bilateral_weight: Nats.
        bilateral_xy_std: Pixels.
        bilateral_rgb_std: Grey levels of 0..255.
        source: Where the numbers are published.
        gaussian_weight: Nats.
        gaussian_xy_std: Pixels.
    """

    bilateral_weight: float
    bilateral_xy_std: float
    bilateral_rgb_std: float
    source: str
    gaussian_weight: float = 3.0
    gaussian_xy_std: float = 3.0


_SETUP = 'DeepLab release, SetupEnv.m'
_COMMENT = 'table of the release, quoted by public PyTorch ports'
_V2_PORT = 'kazuto1011/deeplab-pytorch'

PRESETS = {
    'DeepLab': DenseCRFPreset(5, 50, 10, _SETUP),
    'DeepLab-MSc': DenseCRFPreset(3, 95, 3, _SETUP),
    'DeepLab-COCO': DenseCRFPreset(5, 67, 3, _SETUP),
    'DeepLab-LargeFOV': DenseCRFPreset(4, 121, 5, _COMMENT),
    'DeepLab-MSc-LargeFOV': DenseCRFPreset(4, 83, 5, _COMMENT),
    'DeepLab-COCO-LargeFOV': DenseCRFPreset(5, 69, 5, _COMMENT),
    'DeepLab-MSc-COCO-LargeFOV': DenseCRFPreset(4, 59, 5, _COMMENT),
    'DeepLab-default': DenseCRFPreset(5, 50, 3, _SETUP),
    'DeepLab-v2-ResNet-101': DenseCRFPreset(
        4, 67, 3, _V2_PORT, gaussian_xy_std=1
    ),
}
