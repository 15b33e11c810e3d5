# PASCAL VOC 2012: 10582 augmented training images, 1449 for validation.
# Crops, mirroring and Caffe's mean as in the DeepLab release; no scaling.
# Owns crop_size, data_preprocessor, the pipelines, the loaders, the metric.
data_root = 'data/VOCdevkit/VOC2012'
crop_size = (321, 321)
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
    dict(type='RandomCrop', crop_size=crop_size),
    dict(type='RandomFlip', prob=0.5),
    dict(type='PackSegInputs'),
]
test_pipeline = [
    dict(type='LoadImage'),
    dict(type='LoadLabels', num_classes=21),
    dict(type='PackSegInputs'),
]
train_dataloader = dict(
    batch_size=30,
    num_workers=4,
    persistent_workers=True,
    sampler=dict(type='ResumableSampler', shuffle=True),
    dataset=dict(
        type='VOCAugDataset',
        data_root=data_root,
        split='trainaug',
        pipeline=train_pipeline,
    ),
)
val_dataloader = dict(
    batch_size=1,
    num_workers=2,
    persistent_workers=True,
    sampler=dict(type='DefaultSampler', shuffle=False),
    dataset=dict(
        type='VOCAugDataset',
        data_root=data_root,
        split='val',
        pipeline=test_pipeline,
    ),
)
test_dataloader = val_dataloader
val_evaluator = dict(type='SegmentationMetric')
test_evaluator = val_evaluator
