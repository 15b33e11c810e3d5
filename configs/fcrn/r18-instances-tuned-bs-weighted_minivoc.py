# r18-instances_minivoc.py with the boxes of r18-boxes-tuned-bs10-weighted.
_base_ = './r18-instances_minivoc.py'
assembled_from = dict(
    localisation='fcrn/r18-boxes-tuned-bs10-weighted_minivoc'
)
