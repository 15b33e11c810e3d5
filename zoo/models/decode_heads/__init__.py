from .box_regression_head import BoxRegressionHead
from .context_crf_head import ContextCRFHead
from .crf_rnn import CRFRNN
from .deeplab_head import DeepLabHead
from .deeplab_msc_head import DeepLabMScHead
from .fcrn_head import FCRNHead
from .local_convnet_head import LocalConvnetHead
from .refined_context_crf_head import RefinedContextCRFHead
from .strided_head import StridedHead
from .superpixel_head import SuperpixelHead

__all__ = [
    'CRFRNN',
    'BoxRegressionHead',
    'ContextCRFHead',
    'DeepLabHead',
    'DeepLabMScHead',
    'FCRNHead',
    'LocalConvnetHead',
    'RefinedContextCRFHead',
    'StridedHead',
    'SuperpixelHead',
]
