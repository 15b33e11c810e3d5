# Stanford Background for networks that see one superpixel: mirrored, in
# superpixels.
_base_ = './stanford.py'
superpixels = dict(n_segments=200, compactness=15)
crop_size = (320, 320)  # what a batch is padded to: nothing is cropped
data_preprocessor = dict(size=crop_size)
train_pipeline = [
    dict(type='LoadImage'),
    dict(type='LoadLabels', num_classes=8),
    dict(type='RandomFlip', prob=0.5),
    dict(type='AddSuperpixels', **superpixels),
    dict(type='PackSuperpixels'),
]
train_dataloader = dict(
    batch_size=4,
    dataset=dict(pipeline=train_pipeline),
)
