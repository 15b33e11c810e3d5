from .atrous_vgg import AtrousVGG16
from .crop_network import CropNetwork
from .dilated_resnet import DilatedResNet
from .featmap_net import FeatMapNet
from .featmap_nets import FeatMapNets
from .hyper_features import HyperFeatures
from .superpixel_patches import SuperpixelPatches
from .zoom_out_features import ZoomOutFeatures

__all__ = [
    'AtrousVGG16',
    'CropNetwork',
    'DilatedResNet',
    'FeatMapNet',
    'FeatMapNets',
    'HyperFeatures',
    'SuperpixelPatches',
    'ZoomOutFeatures',
]
