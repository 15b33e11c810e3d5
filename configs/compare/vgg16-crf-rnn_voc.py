# CRF-RNN: a trained DeepLab-LargeFOV and its dense CRF go on as one network,
# VOC 2012. Kernels are CRF-RNN's release's; its network and rate are ours.
_base_ = '../deeplab_crf/vgg16_voc.py'
starts_from = 'deeplab_crf/vgg16_voc'
starts_as = {'decode_head.': 'decode_head.head.'}
model = dict(
    backbone=dict(init_cfg=None),
    decode_head=dict(
        _delete_=True,
        type='CRFRNN',
        num_classes=21,
        head={{_base_.model.decode_head}},
        gaussian_weight=3.0,
        gaussian_xy_std=3.0,
        bilateral_weight=5.0,
        bilateral_xy_std=160.0,
        bilateral_rgb_std=3.0,
    ),
    post_processors=None,
)
optim_wrapper = dict(
    optimizer=dict(lr=1e-4),
    paramwise_cfg=dict(custom_keys=dict(_delete_=True)),
)
published = []
