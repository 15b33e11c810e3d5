# Ablation of vgg16_minivoc.py: the dense CRF, no pairwise potentials.
_base_ = './vgg16_minivoc.py'
assembled_from = None
trained_by = 'context_crf/vgg16-unary_minivoc'  # the CRF has no weights
model = dict(
    backbone=dict(potentials=('unary',)),
    decode_head=dict(potentials=('unary',), in_index=6),
)
