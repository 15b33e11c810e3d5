# SIFT-Flow: 2488 photographs of 256 x 256 for training, 200 for testing. There
# is no list for validation: it scores the test images and selects nothing.
# Random scale 0.7 to 1.2 of twice the size, and mirroring (Lin et al., CVPR
# 2016, Sec. 7 and 7.4). Tested at twice the size too, which the paper does not
# say; scores are brought back to the original size. The crop is ours.
# Owns crop_size, data_preprocessor, the pipelines, the loaders, the metric.
data_root = 'data/siftflow'
crop_size = (385, 385)
data_preprocessor = dict(
    type='SegDataPreProcessor',
    mean=[104.008, 116.669, 122.675],  # BGR, 0 to 255: the weights' own
    std=[1.0, 1.0, 1.0],
    size=crop_size,
    pad_val=0,  # the mean, once it is subtracted
    seg_pad_val=255,
)
train_pipeline = [
    dict(type='LoadImage'),
    dict(type='LoadLabels', num_classes=33),
    dict(type='RandomRescale', ratio_range=(1.4, 2.4)),
    dict(type='RandomCrop', crop_size=crop_size),
    dict(type='RandomFlip', prob=0.5),
    dict(type='PackSegInputs'),
]
test_pipeline = [
    dict(type='LoadImage'),
    dict(type='Resize', scale_factor=2.0, keep_ratio=True),
    dict(type='LoadLabels', num_classes=33),
    dict(type='PackSegInputs'),
]
train_dataloader = dict(
    batch_size=10,
    num_workers=4,
    persistent_workers=True,
    sampler=dict(type='ResumableSampler', shuffle=True),
    dataset=dict(
        type='SIFTFlowDataset',
        data_root=data_root,
        ann_file='splits/train.txt',
        pipeline=train_pipeline,
    ),
)
val_dataloader = dict(
    batch_size=1,
    num_workers=2,
    persistent_workers=True,
    sampler=dict(type='DefaultSampler', shuffle=False),
    dataset=dict(
        type='SIFTFlowDataset',
        data_root=data_root,
        ann_file='splits/test.txt',
        pipeline=test_pipeline,
    ),
)
test_dataloader = val_dataloader
val_evaluator = dict(type='SegmentationMetric')
test_evaluator = val_evaluator
