from .box_regressor import BoxRegressor
from .instance_segmentor import InstanceSegmentor
from .multi_view import MultiViewSegmentor
from .oracles import TrueBoxes, TrueClasses
from .post_processed import PostProcessedEncoderDecoder
from .superpixel_segmentor import SuperpixelSegmentor
from .tag_classifier import TagClassifier
from .zoom_out_segmentor import ZoomOutSegmentor

__all__ = [
    'BoxRegressor',
    'InstanceSegmentor',
    'MultiViewSegmentor',
    'PostProcessedEncoderDecoder',
    'SuperpixelSegmentor',
    'TagClassifier',
    'TrueBoxes',
    'TrueClasses',
    'ZoomOutSegmentor',
]
