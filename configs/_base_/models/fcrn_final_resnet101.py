# Our reading of the net that Wu et al. (2016) submitted: they name dropout,
# a multi-layer classifier and bootstrapping, but no depth, ratios, layers or
# k. Ratios and layers are of the authors' later code
# (github.com/itijyou/ademxapp), depth and k of the best rows of their tables.
_base_ = './fcrn_resnet101.py'
model = dict(
    backbone=dict(dropout=(0.3, 0.5)),
    decode_head=dict(
        kernel_size=3,
        dilation=12,
        hidden_layers=1,
        channels=512,
        norm_cfg=dict(type='BN'),
        loss_decode=dict(
            _delete_=True, type='BootstrappedCrossEntropyLoss', k=512
        ),
    ),
)
