# Instances of r18-instances_minivoc.py, boxes of r18-boxes-tuned-bs10.
_base_ = './r18-instances_minivoc.py'
assembled_from = dict(localisation='fcrn/r18-boxes-tuned-bs10_minivoc')
