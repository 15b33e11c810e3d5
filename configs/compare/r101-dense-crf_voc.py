# FCRN-101, bootstrapped, and the dense CRF behind it: no published number. The
# CRF has the parameters of DeepLab-v2's port on the same backbone.
_base_ = '../fcrn/r101-bs512_voc.py'
trained_by = 'fcrn/r101-bs512_voc'  # the CRF has no weights
model = dict(
    post_processors=[dict(type='DenseCRF', preset='DeepLab-v2-ResNet-101')]
)
published = []
