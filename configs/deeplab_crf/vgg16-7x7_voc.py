# DeepLab-CRF-7x7, VOC 2012 val: 67.64 mIoU in the paper (Table 1).
_base_ = './vgg16_voc.py'
model = dict(
    decode_head=dict(
        kernel_size=7, dilation=4, average_pool=False, channels=4096
    ),
    post_processors=[dict(type='DenseCRF', preset='DeepLab')],
)
train_dataloader = dict(batch_size=20)
published = [
    dict(
        method='DeepLab-CRF-7x7',
        dataset='VOC2012',
        split='val',
        metric='mIoU',
    )
]
