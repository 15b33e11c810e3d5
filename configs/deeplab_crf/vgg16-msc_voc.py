# DeepLab-MSc-CRF-LargeFOV, VOC 2012 val: 68.70 mIoU in the paper (Table 1).
# Only the side branches learn, on top of a trained vgg16_voc.
_base_ = './vgg16_voc.py'
starts_from = 'deeplab_crf/vgg16_voc'
model = dict(
    backbone=dict(frozen_blocks=5, init_cfg=None),
    decode_head=dict(type='DeepLabMScHead', trained='branches'),
    post_processors=[dict(type='DenseCRF', preset='DeepLab-MSc-LargeFOV')],
)
optim_wrapper = dict(paramwise_cfg=dict(custom_keys=dict(_delete_=True)))
published = [
    dict(
        method='DeepLab-MSc-CRF-LargeFOV',
        dataset='VOC2012',
        split='val',
        metric='mIoU',
    )
]
