# Instances of r18-instances_minivoc.py with bootstrapped boxes, small things
# weighing more.
_base_ = './r18-instances_minivoc.py'
assembled_from = dict(localisation='fcrn/r18-boxes-bs10-weighted_minivoc')
