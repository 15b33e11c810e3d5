"""Pure functions of tensors and arrays; no registry, no files, no mmseg."""

from .asymmetric_weights import asymmetric_weights
from .dense_crf import dense_crf
from .dense_crf_unrolled import unrolled_dense_crf
from .field_of_view import field_of_view
from .group_instances import group_instances
from .hardest_pixels import hardest_pixels
from .mean_field import mean_field, mean_field_updates
from .node_grid import labels_at_nodes, resize_map, spanning_size
from .pairwise_potential import edge_hidden, edge_logits, pairwise_messages
from .piecewise import piecewise_pairwise_nll, sample_edges
from .range_box import neighbour_tables, range_box_edges
from .regions import majority_labels, superpixel_boxes, union_boxes
from .score_maps import subsample_labels, upsample_scores
from .superpixels import (
    slic_superpixels,
    superpixel_neighbours,
    superpixel_sizes,
)
from .unit_scale import unit_scale

__all__ = [
    'asymmetric_weights',
    'dense_crf',
    'edge_hidden',
    'edge_logits',
    'field_of_view',
    'group_instances',
    'hardest_pixels',
    'labels_at_nodes',
    'majority_labels',
    'mean_field',
    'mean_field_updates',
    'neighbour_tables',
    'pairwise_messages',
    'piecewise_pairwise_nll',
    'range_box_edges',
    'resize_map',
    'sample_edges',
    'slic_superpixels',
    'spanning_size',
    'subsample_labels',
    'superpixel_boxes',
    'superpixel_neighbours',
    'superpixel_sizes',
    'union_boxes',
    'unit_scale',
    'unrolled_dense_crf',
    'upsample_scores',
]
