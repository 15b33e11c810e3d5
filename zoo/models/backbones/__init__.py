from .atrous_vgg import AtrousVGG16

__all__ = ['AtrousVGG16']
