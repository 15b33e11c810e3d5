# PASCAL VOC 2012 with random scale 0.7 to 1.3, crops of 500, batches of 16: of
# the authors' later code (github.com/itijyou/ademxapp), as the paper (Wu et
# al., 2016) gives none. The rest is voc.py's.
_base_ = './voc.py'
crop_size = (500, 500)
data_preprocessor = dict(size=crop_size)
train_pipeline = [
    dict(type='LoadImage'),
    dict(type='LoadLabels', num_classes=21),
    dict(type='RandomRescale', ratio_range=(0.7, 1.3)),
    dict(type='RandomCrop', crop_size=crop_size),
    dict(type='RandomFlip', prob=0.5),
    dict(type='PackSegInputs'),
]
train_dataloader = dict(
    batch_size=16,
    dataset=dict(pipeline=train_pipeline),
)
