# MSRC-21: 276 photographs for training, 58 for validation, 257 for testing, a
# seeded split stratified by scene. Augmented for training from scratch.
# Owns crop_size, data_preprocessor, the pipelines, the loaders, the metric.
data_root = 'data/msrc21'
crop_size = (209, 209)  # 8 n + 1; the photographs are about 320 x 213
data_preprocessor = dict(
    type='SegDataPreProcessor',
    mean=[104.008, 116.669, 122.675],  # BGR, 0 to 255
    std=[1.0, 1.0, 1.0],
    size=crop_size,
    pad_val=0,  # the mean, once it is subtracted
    seg_pad_val=255,
)
train_pipeline = [
    dict(type='LoadImage'),
    dict(type='LoadLabels', num_classes=21),
    dict(
        type='RandomResize',
        scale=(320, 320),
        ratio_range=(0.75, 1.5),
        keep_ratio=True,
    ),
    dict(type='RandomCrop', crop_size=crop_size),
    dict(type='RandomFlip', prob=0.5),
    dict(type='PhotoMetricDistortion'),
    dict(type='PackSegInputs'),
]
test_pipeline = [
    dict(type='LoadImage'),
    dict(type='LoadLabels', num_classes=21),
    dict(type='PackSegInputs'),
]
train_dataloader = dict(
    batch_size=8,
    num_workers=2,
    persistent_workers=True,
    sampler=dict(type='ResumableSampler', shuffle=True),
    dataset=dict(
        type='MSRC21Dataset',
        data_root=data_root,
        ann_file='splits/train.txt',
        pipeline=train_pipeline,
    ),
)
val_dataloader = dict(
    batch_size=1,
    num_workers=1,
    persistent_workers=True,
    sampler=dict(type='DefaultSampler', shuffle=False),
    dataset=dict(
        type='MSRC21Dataset',
        data_root=data_root,
        ann_file='splits/val.txt',
        pipeline=test_pipeline,
    ),
)
test_dataloader = dict(
    batch_size=1,
    num_workers=1,
    persistent_workers=True,
    sampler=dict(type='DefaultSampler', shuffle=False),
    dataset=dict(
        type='MSRC21Dataset',
        data_root=data_root,
        ann_file='splits/test.txt',
        pipeline=test_pipeline,
    ),
)
val_evaluator = dict(type='SegmentationMetric')
test_evaluator = val_evaluator
