# PASCAL VOC 2012 with its own outlines of instances, scored by these; only
# tested. The rim of void around a thing is taken off a mask first.
_base_ = './voc_instances.py'
data_root = 'data/VOCdevkit/VOC2012'
test_pipeline = [
    dict(type='LoadImage'),
    dict(type='LoadLabels', num_classes=21),
    dict(type='LoadInstances', things=list(range(1, 21))),
    dict(type='PackInstances'),
]
test_dataloader = dict(
    dataset=dict(
        _delete_=True,
        type='VOCAugDataset',
        data_root=data_root,
        split='val',
        pipeline=test_pipeline,
    ),
)
test_evaluator = dict(void='remove')
