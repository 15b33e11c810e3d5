# Zoom-out end to end at a quarter of the width, with batch normalisation, from
# random weights on a CPU. Ours.
_base_ = './zoom_out_hyper_vgg16.py'
model = dict(
    backbone=dict(
        fc_kernel_size=3,
        norm_batches=50,
        network=dict(
            base_channels=16, norm_cfg=dict(type='BN'), init_cfg=None
        ),
    ),
    decode_head=dict(in_channels=3104, hidden=[256, 256]),
)
