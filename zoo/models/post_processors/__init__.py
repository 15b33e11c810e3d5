"""What turns class probabilities and the image into a better answer."""

from zoo.models.post_processors.dense_crf import DenseCRF
from zoo.models.post_processors.hough_instances import HoughInstances

__all__ = ['DenseCRF', 'HoughInstances']
