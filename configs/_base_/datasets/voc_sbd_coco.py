# voc_sbd.py, training also on COCO. The paper (Wu et al., 2016, Sec. 3.2)
# trains on COCO first; that both are trained on at once is ours.
_base_ = './voc_sbd.py'
train_dataloader = dict(
    dataset=dict(
        _delete_=True,
        type='ConcatDataset',
        ignore_keys=['split'],  # SBD names its split, COCO has but one
        datasets=[
            dict(
                type='SBDDataset',
                data_root=_base_.data_root,
                split='train',
                pipeline=_base_.train_pipeline,
            ),
            dict(
                type='COCOVOC20Dataset',
                data_root='data/coco_voc20',
                ann_file='ImageSets/Segmentation/trainval.txt',
                pipeline=_base_.train_pipeline,
            ),
        ],
    ),
)
