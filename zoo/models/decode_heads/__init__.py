from .deeplab_head import DeepLabHead
from .deeplab_msc_head import DeepLabMScHead
from .strided_head import StridedHead

__all__ = ['DeepLabHead', 'DeepLabMScHead', 'StridedHead']
