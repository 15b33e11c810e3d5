# The potential "surrounding" of vgg16_msrc21.py, trained alone; no dense CRF.
_base_ = './vgg16_msrc21.py'
assembled_from = None
starts_from = 'context_crf/vgg16-unary_msrc21'
starts_as = {'backbone.unary.': 'backbone.surrounding.'}
model = dict(
    backbone=dict(potentials=('surrounding',)),
    decode_head=dict(potentials=('surrounding',), in_index=6),
    post_processors=None,
)
param_scheduler = [
    dict(type='LinearLR', start_factor=0.1, end=50, by_epoch=False),
    dict(type='PolyLR', power=0.9, end=1000, eta_min=0.0, by_epoch=False),
]
train_cfg = dict(max_iters=1000, val_interval=1000)
