# Zoom-out and the dense CRF of DeepLab-LargeFOV behind it, VOC 2012 val. The
# paper leaves such a combination to future work.
_base_ = '../zoom_out/vgg16_voc.py'
trained_by = 'zoom_out/vgg16_voc'  # the CRF has no weights
published = []
model = dict(
    post_processors=[dict(type='DenseCRF', preset='DeepLab-LargeFOV')]
)
