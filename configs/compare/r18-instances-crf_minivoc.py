# Instances from the bootstrapped FCRN with a dense CRF behind it, minivoc.
_base_ = '../fcrn/r18-instances_minivoc.py'
assembled_from = dict(semantic='compare/r18-dense-crf_minivoc')
