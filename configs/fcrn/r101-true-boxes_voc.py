# Oracle of r101-instances_voc.py: predicted classes, true boxes. Ours; the
# paper replaces the classes only.
_base_ = './r101-instances_voc.py'
assembled_from = dict(_delete_=True, semantic='fcrn/r101-sbd_voc')
model = dict(localisation=dict(type='TrueBoxes', things=list(range(1, 21))))
published = []
