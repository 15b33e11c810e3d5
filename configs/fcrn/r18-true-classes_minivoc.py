# Oracle of r18-instances_minivoc.py: true classes, predicted boxes.
_base_ = './r18-instances_minivoc.py'
assembled_from = dict(_delete_=True, localisation='fcrn/r18-boxes_minivoc')
model = dict(semantic=dict(type='TrueClasses', num_classes=12))
