# DeepLab-CRF-LargeFOV at a quarter of the width, on photographs of my own.
_base_ = '../../../configs/deeplab_crf/vgg16_msrc21.py'
custom_imports = dict(
    imports=[
        'zoo.models',
        'zoo.datasets',
        'zoo.evaluation',
        'zoo.engine',
        'my_dataset',
    ],
)
model = dict(decode_head=dict(num_classes=3))
train_pipeline = _base_.train_pipeline  # a list: change a step, keep the rest
train_pipeline[1].num_classes = 3  # LoadLabels
test_pipeline = _base_.test_pipeline
test_pipeline[1].num_classes = 3
data_root = 'data/mine'
mine = dict(
    type='MyDataset',
    data_root=data_root,
    data_prefix=dict(img_path='JPEGImages', seg_map_path='SegmentationClass'),
)
lists = 'ImageSets/Segmentation/'
train = dict(ann_file=f'{lists}train.txt', pipeline=train_pipeline, **mine)
val = dict(ann_file=f'{lists}val.txt', pipeline=test_pipeline, **mine)
train_dataloader = dict(dataset=train)
val_dataloader = dict(dataset=val)
test_dataloader = dict(dataset=val)
published = []  # the base's rows are of another data set
