# DeepLab-CRF-4x4, VOC 2012 val: 67.14 mIoU in the paper (Table 2).
_base_ = './vgg16_voc.py'
model = dict(
    decode_head=dict(
        kernel_size=4, dilation=8, average_pool=False, channels=4096
    ),
    post_processors=[dict(type='DenseCRF', preset='DeepLab')],
)
train_dataloader = dict(batch_size=20)
published = [
    dict(
        method='DeepLab-4x4 (k4 r8 FOV224)',
        dataset='VOC2012',
        split='val',
        metric='mIoU_after_crf',
    )
]
