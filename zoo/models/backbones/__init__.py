from .atrous_vgg import AtrousVGG16
from .dilated_resnet import DilatedResNet
from .featmap_net import FeatMapNet
from .featmap_nets import FeatMapNets

__all__ = ['AtrousVGG16', 'DilatedResNet', 'FeatMapNet', 'FeatMapNets']
