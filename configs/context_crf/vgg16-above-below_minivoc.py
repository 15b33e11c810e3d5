# The potential "above/below" of vgg16_minivoc.py, trained alone; no dense CRF.
_base_ = './vgg16_minivoc.py'
assembled_from = None
model = dict(
    backbone=dict(potentials=('above_below',)),
    decode_head=dict(potentials=('above_below',), in_index=6),
    post_processors=None,
)
