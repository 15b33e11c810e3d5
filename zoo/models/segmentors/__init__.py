from .multi_view import MultiViewSegmentor
from .post_processed import PostProcessedEncoderDecoder

__all__ = ['MultiViewSegmentor', 'PostProcessedEncoderDecoder']
