# The unary potential of vgg16_minivoc.py, trained alone; no dense CRF.
_base_ = './vgg16_minivoc.py'
assembled_from = None
model = dict(
    backbone=dict(potentials=('unary',)),
    decode_head=dict(potentials=('unary',), in_index=6),
    post_processors=None,
)
