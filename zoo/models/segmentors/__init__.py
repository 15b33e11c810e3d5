from .box_regressor import BoxRegressor
from .instance_segmentor import InstanceSegmentor
from .multi_view import MultiViewSegmentor
from .oracles import TrueBoxes, TrueClasses
from .post_processed import PostProcessedEncoderDecoder

__all__ = [
    'BoxRegressor',
    'InstanceSegmentor',
    'MultiViewSegmentor',
    'PostProcessedEncoderDecoder',
    'TrueBoxes',
    'TrueClasses',
]
