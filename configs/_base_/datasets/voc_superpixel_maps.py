# PASCAL VOC 2012 in 336 x 256 pixels at most, one image a batch, mirroring,
# and a map of superpixels beside every training image. The release of zoom-out
# distorts all to exactly 336 x 256 or 256 x 336; here images keep their
# proportions. Predictions are scored at the full size.
_base_ = './voc.py'
superpixels = dict(n_segments=500, compactness=15)
scale = (336, 256)  # the longer and the shorter side
data_preprocessor = dict(size=None, size_divisor=1)
train_pipeline = [
    dict(type='LoadImage'),
    dict(type='LoadLabels', num_classes=21),
    dict(type='Resize', scale=scale, keep_ratio=True),
    dict(type='RandomFlip', prob=0.5),
    dict(type='AddSuperpixels', **superpixels),
    dict(type='PackSuperpixels'),
]
test_pipeline = [
    dict(type='LoadImage'),
    dict(type='Resize', scale=scale, keep_ratio=True),
    dict(type='LoadLabels', num_classes=21),
    dict(type='PackSegInputs'),
]
train_dataloader = dict(batch_size=1, dataset=dict(pipeline=train_pipeline))
val_dataloader = dict(dataset=dict(pipeline=test_pipeline))
test_dataloader = val_dataloader
