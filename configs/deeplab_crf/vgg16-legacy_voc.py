# DeepLab-CRF as first released (2 x 2 pools, crop 306), VOC 2012 val: 63.74
# mIoU in the paper (Table 1).
_base_ = './vgg16-base_voc.py'
crop_size = (306, 306)
train_pipeline = [
    dict(type='LoadImage'),
    dict(type='LoadLabels', num_classes=21),
    dict(type='RandomCrop', crop_size=crop_size),
    dict(type='RandomFlip', prob=0.5),
    dict(type='PackSegInputs'),
]
train_dataloader = dict(dataset=dict(pipeline=train_pipeline))
data_preprocessor = dict(size=crop_size)
model = dict(
    backbone=dict(
        pool_kernels=(2, 2, 2, 2, 3),
        pool_pads=(1, 1, 1, 0, 1),
        eval_pool_pads=1,
    ),
    decode_head=dict(label_offset=1, score_offset=7),
)
