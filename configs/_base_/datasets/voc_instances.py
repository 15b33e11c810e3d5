# The 5732 images of SBD in VOC 2012's detection split scored by their
# instances; only tested. The rules are those of SDS (Hariharan et al., ECCV
# 2014): SBD has no void.
_base_ = './voc_boxes.py'
train_dataloader = None
val_dataloader = None
val_evaluator = None
test_evaluator = dict(
    _delete_=True,
    type='RegionAPMetric',
    things=list(range(1, 21)),
    void='count',
)
