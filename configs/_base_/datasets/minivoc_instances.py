# minivoc scored by its instances; only tested. The rim of void around a thing
# is void here too, as in VOC's own labels: it is taken off a mask first.
_base_ = './minivoc_boxes.py'
train_dataloader = None
val_dataloader = None
val_evaluator = None
test_evaluator = dict(
    _delete_=True,
    type='RegionAPMetric',
    things=[5, 6, 7, 8, 9, 10, 11],
    void='remove',
)
