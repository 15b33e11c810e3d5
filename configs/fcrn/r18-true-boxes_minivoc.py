# Oracle of r18-instances_minivoc.py: predicted classes, true boxes.
_base_ = './r18-instances_minivoc.py'
assembled_from = dict(_delete_=True, semantic='fcrn/r18-k3d6_minivoc')
model = dict(
    localisation=dict(type='TrueBoxes', things=[5, 6, 7, 8, 9, 10, 11])
)
