# Oracle of both parts, minivoc: what the grouping itself loses. No weights.
_base_ = './r18-instances_minivoc.py'
assembled_from = dict(_delete_=True)
model = dict(
    semantic=dict(type='TrueClasses', num_classes=12),
    localisation=dict(type='TrueBoxes', things=[5, 6, 7, 8, 9, 10, 11]),
)
