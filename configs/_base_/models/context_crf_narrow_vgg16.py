# The contextual CRF at an eighth of the width, with batch normalisation, to be
# trained from random weights on a CPU. Ours, not the paper's.
_base_ = './context_crf_vgg16.py'
model = dict(
    backbone=dict(base_channels=8, norm_cfg=dict(type='BN'), init_cfg=None),
    decode_head=dict(in_channels=576, channels=128, norm_cfg=dict(type='BN')),
)
