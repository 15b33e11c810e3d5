"""What turns class probabilities and the image into a better answer."""

from zoo.models.post_processors.dense_crf import DenseCRF

__all__ = ['DenseCRF']
