"""Pure functions of tensors and arrays; no registry, no files, no mmseg."""

from .dense_crf import dense_crf
from .field_of_view import field_of_view
from .group_instances import group_instances
from .hardest_pixels import hardest_pixels
from .mean_field import mean_field, mean_field_updates
from .node_grid import labels_at_nodes, resize_map, spanning_size
from .pairwise_potential import edge_hidden, edge_logits, pairwise_messages
from .piecewise import piecewise_pairwise_nll, sample_edges
from .range_box import neighbour_tables, range_box_edges
from .score_maps import subsample_labels, upsample_scores
from .unit_scale import unit_scale

__all__ = [
    'dense_crf',
    'edge_hidden',
    'edge_logits',
    'field_of_view',
    'group_instances',
    'hardest_pixels',
    'labels_at_nodes',
    'mean_field',
    'mean_field_updates',
    'neighbour_tables',
    'pairwise_messages',
    'piecewise_pairwise_nll',
    'range_box_edges',
    'resize_map',
    'sample_edges',
    'spanning_size',
    'subsample_labels',
    'unit_scale',
    'upsample_scores',
]
