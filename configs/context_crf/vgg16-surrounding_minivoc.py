# The potential "surrounding" of vgg16_minivoc.py, trained alone; no dense CRF.
_base_ = './vgg16_minivoc.py'
assembled_from = None
starts_from = 'context_crf/vgg16-unary_minivoc'
starts_as = {'backbone.unary.': 'backbone.surrounding.'}
model = dict(
    backbone=dict(potentials=('surrounding',)),
    decode_head=dict(potentials=('surrounding',), in_index=6),
    post_processors=None,
)
optim_wrapper = dict(optimizer=dict(lr=0.05))
param_scheduler = [
    dict(type='LinearLR', start_factor=0.1, end=50, by_epoch=False),
    dict(type='PolyLR', power=0.9, end=750, eta_min=0.0, by_epoch=False),
]
train_cfg = dict(max_iters=750, val_interval=750)
