# The potential "surrounding" of vgg16_minivoc.py, trained alone; no dense CRF.
_base_ = './vgg16_minivoc.py'
assembled_from = None
model = dict(
    backbone=dict(potentials=('surrounding',)),
    decode_head=dict(potentials=('surrounding',), in_index=6),
    post_processors=None,
)
