# PASCAL VOC 2012 with random scale 0.7 to 1.2 and mirroring (Lin et al., CVPR
# 2016, Sec. 7); crop and batch are ours. The rest is voc.py's.
_base_ = './voc.py'
crop_size = (385, 385)
data_preprocessor = dict(size=crop_size)
train_pipeline = [
    dict(type='LoadImage'),
    dict(type='LoadLabels', num_classes=21),
    dict(type='RandomRescale', ratio_range=(0.7, 1.2)),
    dict(type='RandomCrop', crop_size=crop_size),
    dict(type='RandomFlip', prob=0.5),
    dict(type='PackSegInputs'),
]
train_dataloader = dict(
    batch_size=10,
    dataset=dict(pipeline=train_pipeline),
)
