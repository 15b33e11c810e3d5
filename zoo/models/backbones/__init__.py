from .atrous_vgg import AtrousVGG16
from .featmap_net import FeatMapNet
from .featmap_nets import FeatMapNets

__all__ = ['AtrousVGG16', 'FeatMapNet', 'FeatMapNets']
